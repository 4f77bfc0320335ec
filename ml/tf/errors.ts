/** A package of TensorFlow.js that is not installed; the message has the one command that installs it. */
export class PackageMissingError extends Error {
  override readonly name = "PackageMissingError";
}

/** WebGPU finds no adapter here, or only one that the processor simulates where a real one was wanted. */
export class AdapterMissingError extends Error {
  override readonly name = "AdapterMissingError";
}

/** A backend that is installed and does not work: it failed to load, to start or to compute rightly. */
export class BackendError extends Error {
  override readonly name = "BackendError";
}
