/** Parameters, gradients and optimizer state that do not fit into one memory; the message says how large they are. */
export class ParameterMemoryError extends Error {
  override readonly name = "ParameterMemoryError";
}

/** A saved optimizer state that belongs to other parameters or to another optimizer, or that is damaged. */
export class OptimizerStateError extends Error {
  override readonly name = "OptimizerStateError";
}

/** A build of the library without its compiled kernels. */
export class OptimizerKernelsError extends Error {
  override readonly name = "OptimizerKernelsError";
}
