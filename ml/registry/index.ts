/** @file `tenon/registry`: the store of runs and models, and the server that gives it MLflow's REST API. */
export { type Identity, type Role, roles } from "./access/identity.ts";
export {
  addToken,
  addUser,
  listUsers,
  parseRole,
  removeToken,
  removeUser,
  setPassword,
  setRole,
  type Token,
  type User,
} from "./access/users.ts";
export { StorageSettingsError } from "./artifacts/s3-settings.ts";
export { S3Error } from "./artifacts/s3-client.ts";
export { type ImportOptions, type ImportReport, importMlruns } from "./import/import-mlruns.ts";
export { MlrunsError } from "./import/mlruns-files.ts";
export { type ErrorCode, MlflowError } from "./mlflow-error.ts";
export { OpenServerError, type RunningServer, type ServerOptions, startServer } from "./server/server.ts";
export { isLoopback } from "./server/own-page.ts";
export { NewerStoreError } from "./store/migrations.ts";
export { openStore, type Store, type StoreOptions } from "./store/store.ts";
