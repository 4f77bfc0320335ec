/** A call that got no answer: the server's status and words, or none where it could not be reached in time. */
export class InferenceError extends Error {
  override readonly name = "InferenceError";
  /** The status of HTTP; undefined where there was no answer. */
  readonly status: number | undefined;
  /** In how many seconds the server wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    options: ErrorOptions & { readonly status?: number; readonly retryAfter?: number | undefined } = {},
  ) {
    super(message, options);
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}
