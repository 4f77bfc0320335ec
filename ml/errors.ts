/** Data that a computation cannot use: wrong lengths, NaN, no rows, one class only. The message says which and where. */
export class InvalidInputError extends Error {
  override readonly name = "InvalidInputError";
}
