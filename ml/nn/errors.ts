/** A model that is asked for what only a fitted one can do. */
export class NotFittedError extends Error {
  override readonly name = "NotFittedError";
}

/** Training whose loss is no longer a finite number. */
export class TrainingDivergedError extends Error {
  override readonly name = "TrainingDivergedError";
}

/** A model file that is missing, damaged or not of the expected kind. */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
}
