/** @file How much work one call may ask for. */
import { type InferenceRequest, ServingError } from "../inference.ts";

/** The bounds of one call. */
export interface ComplexitySettings {
  /** Rows: the first length of any input. */
  readonly maxRows: number;
  /** Elements of all inputs together. */
  readonly maxElements: number;
}

/** Throws a {@link ServingError} of kind `too-large` for a call over a bound. */
export function requireComplexity(
  { inputs }: InferenceRequest,
  { maxRows, maxElements }: ComplexitySettings,
): void {
  let elements = 0;
  for (const { name, shape, data } of inputs) {
    const rows = shape[0] ?? 1;
    if (rows > maxRows)
      throw new ServingError(
        "too-large",
        `input ${JSON.stringify(name)} has ${rows} rows, more than ${maxRows}`,
      );
    elements += data.length;
  }
  if (elements > maxElements)
    throw new ServingError("too-large", `the inputs have ${elements} elements, more than ${maxElements}`);
}
