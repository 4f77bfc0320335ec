/**
 * @file The power of a power transformation by maximum likelihood: where the derivative of the log-likelihood is 0, found
 * by aggregate queries.
 */
import { InvalidInputError } from "../../errors.ts";
import { toNumber } from "../fit-queries.ts";
import { sqlNumber } from "../sql.ts";
import type { FitQueries } from "../step.ts";
import type { PowerMethod } from "./power-scaler.ts";

/** Where the search begins; beyond these it goes on in doubled steps. */
const first = [0.1, 0.9] as const;
/** Powers that differ by less transform alike. */
const tolerance = 1e-9;
/** Larger exponents of e would give variances beyond float64. */
const largestExponent = 300;

/** The power that makes the column's values most like normally distributed ones. */
export async function likeliestPower(x: string, method: PowerMethod, queries: FitQueries): Promise<number> {
  const slopes = async (lambdas: readonly number[]): Promise<number[]> =>
    (await queries.aggregate(lambdas.map((lambda) => sqlSlope(x, method, lambda)))).map(toNumber);
  const [least, most] = await bounds(x, method, queries);
  let low = { at: least, slope: -1 };
  let high = { at: most, slope: 1 };
  const see = (at: number, slope: number): void => {
    if (slope >= 0 && (low.slope < 0 || at > low.at)) low = { at, slope };
    if (slope < 0 && (high.slope >= 0 || at < high.at)) high = { at, slope };
  };
  const begin = first.map((at) => Math.min(Math.max(at, least), most));
  for (const [index, slope] of (await slopes(begin)).entries()) see(begin[index] ?? 0, slope);
  for (let step = 1; low.slope < 0 || high.slope >= 0; step *= 2) {
    if (low.slope < 0 && high.slope >= 0)
      throw new InvalidInputError("powerScaler: no power makes the values of a column normal");
    const at = low.slope < 0 ? Math.max(high.at - step, least) : Math.min(low.at + step, most);
    if (at === high.at || at === low.at) return at;
    const [slope = Number.NaN] = await slopes([at]);
    see(at, slope);
  }
  // The Illinois variant of false position: a side that stays has its weight halved.
  let [weightLow, weightHigh] = [low.slope, high.slope];
  for (let step = 0; step < 100 && high.at - low.at > tolerance; step++) {
    const guess = (low.at * weightHigh - high.at * weightLow) / (weightHigh - weightLow);
    const at = guess > low.at && guess < high.at ? guess : (low.at + high.at) / 2;
    const [slope = Number.NaN] = await slopes([at]);
    if (slope === 0 || Math.min(at - low.at, high.at - at) < tolerance) return at;
    if (slope > 0) {
      low = { at, slope };
      weightLow = slope;
      weightHigh /= 2;
    } else {
      high = { at, slope };
      weightHigh = slope;
      weightLow /= 2;
    }
  }
  return (low.at + high.at) / 2;
}

/** The powers between which the transformed values stay numbers. */
async function bounds(
  x: string,
  method: PowerMethod,
  queries: FitQueries,
): Promise<readonly [least: number, most: number]> {
  const [low, high] = (await queries.aggregate([`min(${x})`, `max(${x})`])).map(toNumber);
  if (low === undefined || high === undefined) return [0, 0];
  const powerOf = (size: number): number => largestExponent / Math.max(Math.abs(size), 1e-3);
  if (method === "boxCox") return [-powerOf(Math.log(low)), powerOf(Math.log(high))];
  const [negative, positive] = [Math.log1p(Math.max(-low, 0)), Math.log1p(Math.max(high, 0))];
  return [2 - powerOf(negative), powerOf(positive)];
}

/**
 * The derivative by lambda of the log-likelihood for each value, `-log(var y) / 2 + (lambda - 1) · mean(s)`, where `s` is
 * the logarithm of the transformation's own derivative: `mean(s) - cov(y, y') / var(y)`.
 */
function sqlSlope(x: string, method: PowerMethod, lambda: number): string {
  const logarithm = method === "boxCox" ? `ln(${x})` : `ln(1 + abs(${x}))`;
  const own = method === "boxCox" ? logarithm : `sign(${x}) * ${logarithm}`;
  const positive = powerAndSlope(logarithm, lambda);
  if (method === "boxCox") return slopeOf(own, positive.power, positive.slope);
  if (!isNearZero(lambda) && !isNearZero(2 - lambda)) {
    // One exponential for both signs, and for both of what is asked of it.
    const exponent = `CASE WHEN ${x} < 0 THEN ${sqlNumber(2 - lambda)} ELSE ${sqlNumber(lambda)} END`;
    const { power, slope } = raisedAndSlope(logarithm, `(${exponent})`);
    return slopeOf(own, `sign(${x}) * ${power}`, slope);
  }
  const negative = powerAndSlope(logarithm, 2 - lambda);
  return slopeOf(
    own,
    `CASE WHEN ${x} < 0 THEN -(${negative.power}) ELSE ${positive.power} END`,
    `CASE WHEN ${x} < 0 THEN ${negative.slope} ELSE ${positive.slope} END`,
  );
}

function slopeOf(own: string, power: string, slope: string): string {
  return `avg(${own}) - covar_pop(${power}, ${slope}) / var_pop(${power})`;
}

/** `(e^(lambda·t) - 1) / lambda` and its derivative by lambda; near 0 by their series. */
function powerAndSlope(t: string, lambda: number): { readonly power: string; readonly slope: string } {
  const by = sqlNumber(lambda);
  if (isNearZero(lambda))
    return {
      power: `(${t} + ${by} * ${t} * ${t} / 2 + ${by} * ${by} * ${t} * ${t} * ${t} / 6)`,
      slope: `(${t} * ${t} / 2 + ${by} * ${t} * ${t} * ${t} / 3 + ${by} * ${by} * ${t} * ${t} * ${t} * ${t} / 8)`,
    };
  return raisedAndSlope(t, by);
}

function raisedAndSlope(t: string, by: string): { readonly power: string; readonly slope: string } {
  const raised = `exp(${by} * ${t})`;
  const power = `((${raised} - 1) / ${by})`;
  return { power, slope: `((${t} * ${raised} - ${power}) / ${by})` };
}

/** Whether the formulas lose too many digits, so that their series is the better one. */
function isNearZero(lambda: number): boolean {
  return Math.abs(lambda) < 1e-4;
}
