/** @file Runs as MLflow's JSON, written by the database: a page of a thousand runs makes no object in JavaScript. */
import { jsonOfKeys } from "./database.ts";
import { type Dialect, perDialect } from "./dialect.ts";
import type { Store } from "./store.ts";

/** A point's value as JSON. Infinity is stored as the largest number, as in MLflow. */
export function valueJson({ number, json }: Dialect): string {
  return `CASE WHEN is_nan = 1 THEN ${json("'\"NaN\"'")} ELSE ${number("value")} END`;
}

const texts = perDialect((dialect) => {
  const { object, list, withoutNulls } = dialect;
  const info = object(`'run_uuid', run_id, 'experiment_id', CAST(experiment_id AS TEXT), 'run_name', run_name,
    'user_id', user_id, 'status', status, 'start_time', start_time, 'end_time', end_time, 'artifact_uri', artifact_uri,
    'lifecycle_stage', lifecycle_stage, 'run_id', run_id`);
  const keyValue = object("'key', key, 'value', value");
  const ofRun = (table: string): string => `${table} AS entry WHERE entry.run_no = runs.run_no`;
  const point = object(`'key', key, 'value', ${valueJson(dialect)}, 'timestamp', timestamp, 'step', step`);
  const data = object(`'metrics', ${list(point, ofRun("latest_metrics"), "key")},
    'params', ${list(keyValue, ofRun("params"), "key")}, 'tags', ${list(keyValue, ofRun("run_tags"), "key")}`);
  const dataset = object(`'name', name, 'digest', digest, 'source_type', source_type, 'source', source,
    'schema', schema, 'profile', profile`);
  const datasetTags = list(
    keyValue,
    "dataset_input_tags AS tag WHERE tag.run_no = input.run_no AND tag.dataset_id = input.dataset_id",
    "key",
  );
  const datasets = list(
    object(`'tags', ${datasetTags}, 'dataset', ${dialect.json(withoutNulls(dataset))}`),
    "dataset_inputs AS input JOIN datasets USING (dataset_id) WHERE input.run_no = runs.run_no",
    "position",
  );
  const modelInputs = list(object("'model_id', model_id"), ofRun("model_inputs"), "model_id");
  const modelOutputs = list(
    object("'model_id', model_id, 'step', step"),
    ofRun("model_outputs"),
    "output_no",
  );
  const run = object(`'info', ${info}, 'data', ${data},
    'inputs', ${object(`'dataset_inputs', ${datasets}, 'model_inputs', ${modelInputs}`)},
    'outputs', ${object(`'model_outputs', ${modelOutputs}`)}`);
  return {
    run: `SELECT run_no, ${withoutNulls(run)} FROM runs`,
    info: `SELECT ${withoutNulls(info)} FROM runs WHERE run_no = ?`,
  };
});

/** Runs as MLflow's JSON, by their numbers. */
export async function runsJson({ database }: Store, runNos: readonly number[]): Promise<string[]> {
  const { run } = texts(database.dialect);
  return jsonOfKeys(database, runNos, (list) => `${run} WHERE run_no IN ${list}`);
}

/** A run as MLflow's JSON, by its number. */
export async function runJson(store: Store, runNo: number): Promise<string> {
  return (await runsJson(store, [runNo])).join("");
}

/** A run's info as MLflow's JSON, by its number. */
export async function runInfoJson({ database }: Store, runNo: number): Promise<string> {
  return String((await database.row(texts(database.dialect).info, runNo))?.[0]);
}
