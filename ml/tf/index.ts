/** @file `tenon/tf`: TensorFlow.js on the best backend that works on this machine. */
export { tensorflow } from "./tensorflow.ts";
export type { TensorFlow, TensorFlowBackend, TensorFlowOptions } from "./tensorflow.ts";
export { AdapterMissingError, BackendError, PackageMissingError } from "./errors.ts";
