import { InvalidInputError } from "../../errors.ts";

/** An estimate with the interval that holds the truth with a given confidence. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** How often such intervals hold the truth, from 0 to 1. */
  readonly confidence: number;
}

/** Settings of an interval. */
export interface ConfidenceOptions {
  /** How often such intervals are to hold the truth; 0.95 where absent. */
  readonly confidence?: number;
}

/** Throws {@link InvalidInputError} unless a confidence is between 0 and 1. */
export function checkConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1))
    throw new InvalidInputError(`confidence must be between 0 and 1, not ${confidence}`);
}
