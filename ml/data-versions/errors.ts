/** A snapshot, its store or a DVC pointer that can't be read or written as asked. The message says which and why. */
export class DataVersionError extends Error {
  override readonly name = "DataVersionError";
  /** The snapshot, file or folder that it is about. */
  readonly subject: string;

  constructor(subject: string, reason: string, options?: ErrorOptions) {
    super(`${subject}: ${reason}`, options);
    this.subject = subject;
  }
}
