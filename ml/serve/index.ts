/** @file `tenon/serve`: packaged models behind the protocols that callers already speak. */
export { startServing, type RunningService, type ServingOptions } from "./start-serving.ts";
export { compose, type Wrapper } from "./compose.ts";
export type { Authenticate, ExtraRoute } from "./http/http-app.ts";
export * from "./inference.ts";
export { ensemble, type EnsembleOptions } from "./engines/ensemble.ts";
export {
  parseHandler,
  type Handler,
  type HandlerCall,
  type HandlerOutput,
  type HandlerOutputs,
} from "./engines/handler.ts";
export { openOperations, type Operations, type OperationsHooks } from "./operations/operations.ts";
export {
  parseOperations,
  readOperations,
  type OperationsInput,
  type OperationsSettings,
} from "./operations/settings.ts";
export { apiKeysText, makeApiKey, parseApiKeys, type ApiKeyRecord } from "./security/api-keys.ts";
export type { Grant, Verb } from "./security/grants.ts";
export type { TrafficRule, TrafficRules } from "./traffic/rules.ts";
