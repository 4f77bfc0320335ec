/** @file What each search of MLflow's takes: entities by the names they go by, attributes and their columns, lists. */

export type Entity = "attribute" | "metric" | "parameter" | "tag" | "dataset";

/** A column that is searched by an attribute's name. */
export interface AttributeColumn {
  /** SQL of our own. */
  readonly column: string;
  readonly numeric: boolean;
  /** Compared with `=`, `!=` and lists only, as a number that is written as a text. */
  readonly id?: boolean;
}

/** The language of one search. */
export interface SearchLanguage {
  readonly entities: Readonly<Record<string, Entity>>;
  /** By name, aliases among them. */
  readonly attributes: Readonly<Record<string, AttributeColumn>>;
  /** Attributes that take `IN` and `NOT IN`. */
  readonly lists: readonly string[];
  /** Entities that can be asked for with `IS NULL`. */
  readonly nullable: readonly Entity[];
}

const text = (column: string): AttributeColumn => ({ column, numeric: false });
const numeric = (column: string): AttributeColumn => ({ column, numeric: true });

const tagNames = { tag: "tag", tags: "tag" } as const;
const attributeNames = { attribute: "attribute" } as const;

/** Runs; `run_name` is the tag `mlflow.runName`, which both ways of naming a run set. */
export const runLanguage: SearchLanguage = {
  entities: {
    ...tagNames,
    ...attributeNames,
    attributes: "attribute",
    attr: "attribute",
    run: "attribute",
    metric: "metric",
    metrics: "metric",
    parameter: "parameter",
    parameters: "parameter",
    param: "parameter",
    params: "parameter",
    dataset: "dataset",
    datasets: "dataset",
  },
  attributes: {
    run_id: text("runs.run_id"),
    run_name: text("runs.run_name"),
    "run name": text("runs.run_name"),
    "Run name": text("runs.run_name"),
    "Run Name": text("runs.run_name"),
    user_id: text("runs.user_id"),
    status: text("runs.status"),
    artifact_uri: text("runs.artifact_uri"),
    start_time: numeric("runs.start_time"),
    created: numeric("runs.start_time"),
    Created: numeric("runs.start_time"),
    end_time: numeric("runs.end_time"),
  },
  lists: ["run_id"],
  nullable: ["parameter", "tag"],
};

export const experimentLanguage: SearchLanguage = {
  entities: { ...tagNames, ...attributeNames },
  attributes: {
    name: text("experiments.name"),
    experiment_id: { column: "experiments.experiment_id", numeric: false, id: true },
    creation_time: numeric("experiments.creation_time"),
    last_update_time: numeric("experiments.last_update_time"),
  },
  lists: ["experiment_id"],
  nullable: ["tag"],
};

export const registeredModelLanguage: SearchLanguage = {
  entities: { ...tagNames, ...attributeNames },
  attributes: { name: text("registered_models.name") },
  lists: ["name"],
  nullable: [],
};

export const modelVersionLanguage: SearchLanguage = {
  entities: { ...tagNames, ...attributeNames },
  attributes: {
    name: text("model_versions.name"),
    version_number: numeric("model_versions.version"),
    run_id: text("model_versions.run_id"),
    source_path: text("model_versions.source"),
  },
  lists: ["name", "run_id"],
  nullable: [],
};

export const loggedModelLanguage: SearchLanguage = {
  entities: { attributes: "attribute", metrics: "metric", params: "parameter", tags: "tag" },
  attributes: {
    model_id: text("logged_models.model_id"),
    experiment_id: { column: "logged_models.experiment_id", numeric: false, id: true },
    name: text("logged_models.name"),
    model_type: text("logged_models.model_type"),
    source_run_id: text("logged_models.source_run_id"),
    status: text("logged_models.status"),
    artifact_location: text("logged_models.artifact_location"),
    creation_timestamp: numeric("logged_models.creation_timestamp"),
    creation_time: numeric("logged_models.creation_timestamp"),
    creation_timestamp_ms: numeric("logged_models.creation_timestamp"),
    last_updated_timestamp: numeric("logged_models.last_updated_timestamp"),
    last_updated_timestamp_ms: numeric("logged_models.last_updated_timestamp"),
  },
  lists: ["model_id", "name", "model_type", "source_run_id", "status"],
  nullable: [],
};
