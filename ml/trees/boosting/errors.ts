/** The compiled kernels of gradient boosting are missing or cannot be read. */
export class BoostingKernelsError extends Error {
  override readonly name = "BoostingKernelsError";
}

/** The scores of a training are no longer finite numbers. */
export class BoostingDivergedError extends Error {
  override readonly name = "BoostingDivergedError";
}
