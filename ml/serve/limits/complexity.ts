/** @file How much work one call may ask for. */
import { requestElements, requestRows } from "../addressed-request.ts";
import { type Infer, type InferenceRequest, ServingError } from "../inference.ts";

/** The bounds of one call. */
export interface ComplexitySettings {
  /** Rows: the first length of the first input. */
  readonly maxRows: number;
  /** Elements of all inputs together. */
  readonly maxElements: number;
}

/** Throws a {@link ServingError} of kind `too-large` for a call over a bound. */
export function requireComplexity(
  request: InferenceRequest,
  { maxRows, maxElements }: ComplexitySettings,
): void {
  const rows = requestRows(request);
  if (rows > maxRows)
    throw new ServingError("too-large", `the request has ${rows} rows, more than ${maxRows}`);
  const elements = requestElements(request);
  if (elements > maxElements)
    throw new ServingError("too-large", `the inputs have ${elements} elements, more than ${maxElements}`);
}

/** An {@link Infer} that refuses calls over a bound. */
export function boundedInfer(next: Infer, settings: ComplexitySettings): Infer {
  return (request, context) => {
    requireComplexity(request, settings);
    return next(request, context);
  };
}
