/**
 * @file Runs as MLflow's JSON, written by SQLite: a page of a thousand runs makes no object in JavaScript.
 *
 * Numbers have 17 significant digits, which is every float64 exactly; SQLite's own JSON has 15.
 */
import type { Store } from "./store.ts";

/** A point's value as JSON. Infinity is stored as the largest number, as in MLflow. */
export const valueJson = "CASE WHEN is_nan THEN json('\"NaN\"') ELSE json(format('%!.17g', value)) END";

const info = `json_object(
  'run_uuid', run_id, 'experiment_id', CAST(experiment_id AS TEXT), 'run_name', run_name, 'user_id', user_id,
  'status', status, 'start_time', start_time, 'end_time', end_time, 'artifact_uri', artifact_uri,
  'lifecycle_stage', lifecycle_stage, 'run_id', run_id)`;

const list = (object: string, from: string): string =>
  `(SELECT nullif(json_group_array(json_object(${object})), '[]') FROM ${from})`;
const keyed = (table: string): string =>
  list("'key', key, 'value', value", `${table} WHERE run_no = runs.run_no`);

const data = `json_object(
  'metrics', json(${list(`'key', key, 'value', ${valueJson}, 'timestamp', timestamp, 'step', step`, "latest_metrics WHERE run_no = runs.run_no")}),
  'params', json(${keyed("params")}),
  'tags', json(${keyed("run_tags")}))`;

const datasets = `(
  SELECT nullif(json_group_array(json_object(
    'tags', json((SELECT nullif(json_group_array(json_object('key', key, 'value', value)), '[]') FROM dataset_input_tags AS tag
      WHERE tag.run_no = input.run_no AND tag.dataset_id = input.dataset_id)),
    'dataset', json(json_patch('{}', json_object('name', name, 'digest', digest, 'source_type', source_type, 'source', source,
      'schema', schema, 'profile', profile)))
    ) ORDER BY position), '[]')
  FROM dataset_inputs AS input JOIN datasets USING (dataset_id) WHERE input.run_no = runs.run_no)`;

const modelInputs = list("'model_id', model_id", "model_inputs WHERE run_no = runs.run_no");
const modelOutputs = list("'model_id', model_id, 'step', step", "model_outputs WHERE run_no = runs.run_no");

// A patch of nothing leaves out what is null, which MLflow's answers do not have either.
const select = (object: string): string => `SELECT json_patch('{}', ${object}) FROM runs WHERE run_no = ?`;

const wholeRun = select(`json_object('info', ${info}, 'data', ${data},
  'inputs', json_object('dataset_inputs', json(${datasets}), 'model_inputs', json(${modelInputs})),
  'outputs', json_object('model_outputs', json(${modelOutputs})))`);
const infoOnly = select(info);

/** A run as MLflow's JSON, by its number. */
export function runJson({ database }: Store, runNo: number): string {
  return String(database.row(wholeRun, runNo)?.[0]);
}

/** A run's info as MLflow's JSON, by its number. */
export function runInfoJson({ database }: Store, runNo: number): string {
  return String(database.row(infoOnly, runNo)?.[0]);
}
