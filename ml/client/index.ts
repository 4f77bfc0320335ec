/** @file `tenon/client`: asks models that are served. */
export { InferenceError } from "./errors.ts";
export { readEvents, type ServerEvent } from "./events.ts";
export {
  InferenceClient,
  numbers,
  texts,
  type CallOptions,
  type InferenceClientOptions,
  type ServedModelMetadata,
} from "./inference-client.ts";
export type { ModelAnswer, ModelCall } from "./binary-call.ts";
export { reliableFetch, type ReliableFetchOptions } from "./reliable-fetch.ts";
export type { Datatype, InferenceTensor, TensorElements, TensorMetadata } from "../serve/inference.ts";
