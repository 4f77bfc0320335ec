/** A model directory that can't be written or read. The message says which file and what is wrong with it. */
export class ModelPackageError extends Error {
  override readonly name = "ModelPackageError";
  /** The directory, or the file in it. */
  readonly path: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path}: ${reason}`, options);
    this.path = path;
  }
}
