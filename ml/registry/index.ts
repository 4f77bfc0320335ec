/** @file `tenon/registry`: the store of runs and models, and the server that gives it MLflow's REST API. */
export { type ErrorCode, MlflowError } from "./mlflow-error.ts";
export { type RunningServer, type ServerOptions, startServer } from "./server/server.ts";
export { NewerStoreError } from "./store/migrations.ts";
