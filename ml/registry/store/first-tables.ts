/**
 * @file Step 1: experiments, runs, and what is logged to them.
 *
 * A run has a number beside its public id, so that its points hold 8 bytes of it and not 32. Points stand in the order in
 * which a history is read. NaN is 0 with `is_nan`, as SQLite has no NaN.
 */
export const firstTables = `
CREATE TABLE experiments (
  experiment_id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  artifact_location TEXT NOT NULL,
  lifecycle_stage TEXT NOT NULL,
  creation_time INTEGER NOT NULL,
  last_update_time INTEGER NOT NULL
);
CREATE TABLE experiment_tags (
  experiment_id INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (experiment_id, key)
) WITHOUT ROWID;
CREATE TABLE runs (
  run_no INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  experiment_id INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
  run_name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  status TEXT NOT NULL,
  start_time INTEGER,
  end_time INTEGER,
  deleted_time INTEGER,
  artifact_uri TEXT NOT NULL,
  lifecycle_stage TEXT NOT NULL
);
CREATE INDEX runs_by_start ON runs (experiment_id, lifecycle_stage, start_time DESC, run_id);
CREATE TABLE run_tags (
  run_no INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run_no, key)
) WITHOUT ROWID;
CREATE TABLE params (
  run_no INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run_no, key)
) WITHOUT ROWID;
CREATE TABLE points (
  run_no INTEGER NOT NULL,
  key TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  step INTEGER NOT NULL,
  value REAL NOT NULL,
  is_nan INTEGER NOT NULL,
  PRIMARY KEY (run_no, key, timestamp, step, value, is_nan)
) WITHOUT ROWID;
CREATE TABLE latest_metrics (
  run_no INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  key TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  step INTEGER NOT NULL,
  value REAL NOT NULL,
  is_nan INTEGER NOT NULL,
  PRIMARY KEY (run_no, key)
) WITHOUT ROWID;
CREATE TABLE datasets (
  dataset_id TEXT PRIMARY KEY,
  experiment_id INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source TEXT NOT NULL,
  schema TEXT,
  profile TEXT,
  UNIQUE (experiment_id, name, digest)
);
CREATE TABLE dataset_inputs (
  run_no INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  dataset_id TEXT NOT NULL REFERENCES datasets ON DELETE CASCADE,
  position INTEGER NOT NULL,
  PRIMARY KEY (run_no, dataset_id)
) WITHOUT ROWID;
CREATE TABLE dataset_input_tags (
  run_no INTEGER NOT NULL,
  dataset_id TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run_no, dataset_id, key),
  FOREIGN KEY (run_no, dataset_id) REFERENCES dataset_inputs ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE model_inputs (
  run_no INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  model_id TEXT NOT NULL,
  PRIMARY KEY (run_no, model_id)
) WITHOUT ROWID;
CREATE TABLE model_outputs (
  output_no INTEGER PRIMARY KEY,
  run_no INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  model_id TEXT NOT NULL,
  step INTEGER NOT NULL
);
CREATE INDEX model_outputs_by_run ON model_outputs (run_no);
`;
