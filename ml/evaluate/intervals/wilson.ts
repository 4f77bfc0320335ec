import { InvalidInputError } from "../../errors.ts";
import { normalQuantile } from "../../normal-distribution.ts";
import { checkConfidence, type ConfidenceOptions, type Interval } from "./interval.ts";

/**
 * The score interval of a share (Wilson, 1927): of an accuracy, a precision, a recall. It holds for few rows and for shares
 * near 0 and 1.
 * @param successes how many of the trials succeeded: whole numbers
 * @throws {@link InvalidInputError} for no trials, counts that aren't whole, more successes than trials
 */
export function wilsonInterval(
  successes: number,
  trials: number,
  { confidence = 0.95 }: ConfidenceOptions = {},
): Interval {
  checkConfidence(confidence);
  if (!Number.isSafeInteger(trials) || trials < 1)
    throw new InvalidInputError(`trials must be a whole number from 1 up, not ${trials}`);
  if (!Number.isSafeInteger(successes) || successes < 0 || successes > trials)
    throw new InvalidInputError(`successes must be a whole number from 0 to ${trials}, not ${successes}`);
  const z = normalQuantile((1 + confidence) / 2);
  const share = successes / trials;
  const scale = 1 + z ** 2 / trials;
  const center = (share + z ** 2 / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  return {
    estimate: share,
    // At the ends rounding would leave a trace of what cancels.
    low: successes === 0 ? 0 : Math.max(0, center - half),
    high: successes === trials ? 1 : Math.min(1, center + half),
    confidence,
  };
}
