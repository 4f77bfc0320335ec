/** @file What a linear model has learnt, and what becomes of its sums. */

/** What becomes of the margin, a row's sum of products with the intercept added. */
export type RegressionLink =
  /** The margin itself. */
  | "identity"
  /** `exp` of it: counts and other positive means. */
  | "exp";

/** How margins become probabilities: one margin for two classes, else one for each class. */
export type ClassLink =
  /** The logistic function of each margin; of several, their shares of the sum. */
  | "sigmoid"
  /** The margin from −1 to 1 as a number from 0 to 1 (Zhang 2002); of several, their shares of the sum. */
  | "clipped"
  /** The softmax of the margins. */
  | "softmax";

/** What was learnt, and how that went. */
export interface LinearFit {
  /** The columns' coefficients of each output, one output after the other. */
  readonly coefficients: Float64Array;
  /** One for each output. */
  readonly intercepts: Float64Array;
  /** Steps of the solver, or epochs. */
  readonly iterations: number;
  /** Whether the solver came within its tolerance. */
  readonly converged: boolean;
}

/**
 * Margins of rows, row-major: `rows` by `intercepts.length`. A plain loop, quick for few rows; the sums are float64.
 * @param rows row-major, of as many numbers each as an output has coefficients
 */
export function marginsOf(
  { coefficients, intercepts }: Pick<LinearFit, "coefficients" | "intercepts">,
  rows: Float32Array | Float64Array,
): Float64Array {
  const outputs = intercepts.length;
  const width = coefficients.length / outputs;
  const count = rows.length / width;
  const margins = new Float64Array(count * outputs);
  for (let row = 0; row < count; row++) {
    const start = row * width;
    for (let output = 0; output < outputs; output++) {
      const weights = output * width;
      let sum = 0;
      for (let at = 0; at < width; at++) sum += (rows[start + at] ?? 0) * (coefficients[weights + at] ?? 0);
      margins[row * outputs + output] = sum + (intercepts[output] ?? 0);
    }
  }
  return margins;
}

/** What a regression predicts of margins; `into` may be `margins` itself. */
export function applyLink(
  link: RegressionLink,
  margins: Float64Array,
  into: Float64Array | Float32Array,
): void {
  for (let at = 0; at < margins.length; at++) {
    const margin = margins[at] ?? 0;
    into[at] = link === "exp" ? Math.exp(margin) : margin;
  }
}

/** The probabilities of each class, row-major, of margins of one output (then there are two classes) or one for each class. */
export function probabilitiesOf(
  link: ClassLink,
  margins: Float64Array,
  outputs: number,
  into: Float64Array | Float32Array,
): void {
  if (outputs === 1) {
    for (let row = 0; row < margins.length; row++) {
      const margin = margins[row] ?? 0;
      // Each from its own side, so that neither loses digits to 1.
      into[row * 2] = share(link, -margin);
      into[row * 2 + 1] = share(link, margin);
    }
    return;
  }
  const shares = new Float64Array(outputs);
  for (let start = 0; start < margins.length; start += outputs) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < outputs; k++) largest = Math.max(largest, margins[start + k] ?? 0);
    let sum = 0;
    for (let k = 0; k < outputs; k++) {
      const margin = margins[start + k] ?? 0;
      const value = link === "softmax" ? Math.exp(margin - largest) : share(link, margin);
      shares[k] = value;
      sum += value;
    }
    for (let k = 0; k < outputs; k++) into[start + k] = sum === 0 ? 1 / outputs : (shares[k] ?? 0) / sum;
  }
}

/** The place of each row's class: of one output, 1 where the margin is above 0; else the first of the largest margins. */
export function placesOf(margins: Float64Array, outputs: number): Int32Array {
  const places = new Int32Array(margins.length / outputs);
  for (let row = 0; row < places.length; row++) {
    const start = row * outputs;
    let best = 0;
    for (let k = 1; k < outputs; k++) if ((margins[start + k] ?? 0) > (margins[start + best] ?? 0)) best = k;
    places[row] = outputs === 1 ? Number((margins[start] ?? 0) > 0) : best;
  }
  return places;
}

function share(link: ClassLink, margin: number): number {
  if (link === "clipped") return (Math.max(-1, Math.min(1, margin)) + 1) / 2;
  return 1 / (1 + Math.exp(-margin));
}
