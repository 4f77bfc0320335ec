/** @file The experiment that a run belongs to. */
import * as v from "valibot";
import { TrackingError } from "./errors.ts";
import { connect } from "./connection.ts";
import { askFor, askOnce, type TrackingApi } from "./tracking-api.ts";

let chosen: { readonly name: string } | { readonly id: string } | undefined;

/** An experiment, as MLflow has it. */
export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycleStage: string;
  readonly tags: Readonly<Record<string, string>>;
}

const experimentSchema = v.object({
  experiment: v.object({
    experiment_id: v.string(),
    name: v.string(),
    artifact_location: v.optional(v.string(), ""),
    lifecycle_stage: v.string(),
    tags: v.optional(v.array(v.object({ key: v.string(), value: v.string() })), []),
  }),
});

/**
 * Has runs belong to an experiment from now on: by name, and then it is made where it isn't there, or by id.
 * @throws {@link TrackingError} where the store refuses it, or it is deleted
 */
export async function setExperiment(
  experiment: string | { readonly experimentName: string } | { readonly experimentId: string },
): Promise<Experiment> {
  const { api } = connect();
  const asked = typeof experiment === "string" ? { experimentName: experiment } : experiment;
  const id = "experimentId" in asked ? asked.experimentId : await idOfExperiment(api, asked.experimentName);
  const found = await experimentById(api, id);
  chosen = "experimentId" in asked ? { id } : { name: asked.experimentName };
  return found;
}

/** The id of the experiment that a run of these options belongs to. */
export async function experimentOf(
  api: TrackingApi,
  { experimentId, experimentName }: { readonly experimentId?: string; readonly experimentName?: string },
): Promise<string> {
  if (experimentId !== undefined) return experimentId;
  if (experimentName !== undefined) return idOfExperiment(api, experimentName);
  if (chosen) return "id" in chosen ? chosen.id : idOfExperiment(api, chosen.name);
  const { MLFLOW_EXPERIMENT_NAME: name, MLFLOW_EXPERIMENT_ID: id } = process.env;
  if (name) return idOfExperiment(api, name);
  return id || "0";
}

/** The experiment with an id. */
async function experimentById(api: TrackingApi, experimentId: string): Promise<Experiment> {
  const { experiment } = await askFor(api, experimentSchema, "GET", "experiments/get", {
    experiment_id: experimentId,
  });
  return {
    experimentId: experiment.experiment_id,
    name: experiment.name,
    artifactLocation: experiment.artifact_location,
    lifecycleStage: experiment.lifecycle_stage,
    tags: Object.fromEntries(experiment.tags.map(({ key, value }) => [key, value])),
  };
}

/** The id of an experiment by its name; it is made where it isn't there. */
async function idOfExperiment(api: TrackingApi, name: string): Promise<string> {
  const found = await findExperiment(api, name);
  if (found !== undefined) return found;
  try {
    const made = await askOnce(api, v.object({ experiment_id: v.string() }), "POST", "experiments/create", {
      name,
    });
    return made.experiment_id;
  } catch (error) {
    // Another process was quicker.
    if (!(error instanceof TrackingError) || error.code !== "RESOURCE_ALREADY_EXISTS") throw error;
    const other = await findExperiment(api, name);
    if (other === undefined) throw error;
    return other;
  }
}

/** The id of an experiment by its name, where it is there. */
export async function findExperiment(api: TrackingApi, name: string): Promise<string | undefined> {
  try {
    const { experiment } = await askFor(api, experimentSchema, "GET", "experiments/get-by-name", {
      experiment_name: name,
    });
    if (experiment.lifecycle_stage !== "active")
      throw new TrackingError(`the experiment "${name}" is deleted: restore it, or give another name`, {
        code: "INVALID_STATE",
      });
    return experiment.experiment_id;
  } catch (error) {
    if (error instanceof TrackingError && error.code === "RESOURCE_DOES_NOT_EXIST") return undefined;
    throw error;
  }
}
