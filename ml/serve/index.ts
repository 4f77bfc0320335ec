/** @file `tenon/serve`: packaged models behind the protocols that callers already speak. */
export { startServing, type RunningService, type ServingOptions } from "./start-serving.ts";
export { compose, type Wrapper } from "./compose.ts";
export type { Authenticate, ExtraRoute } from "./http/http-app.ts";
export * from "./inference.ts";
