/** @file Log losses of classes: of two by one margin, of several by one for each. */
import type { MarginLoss } from "./margin-loss.ts";

/**
 * The logistic loss of rows that are of a class or not: `log(1 + exp(-s m))`, where s is 1 for rows of `positive` and −1
 * for others.
 */
export function logisticLoss(
  codes: Int32Array,
  positive: number,
  weights: Float64Array | undefined,
): MarginLoss {
  return {
    outputs: 1,
    evaluate: ({ first, count, margins, slopes }) => {
      let sum = 0;
      for (let row = 0; row < count; row++) {
        const margin = margins[row] ?? 0;
        const weight = weights ? (weights[first + row] ?? 0) : 1;
        const small = Math.exp(-Math.abs(margin));
        const share = 1 / (1 + small);
        const is = codes[first + row] === positive;
        sum += weight * (Math.log1p(small) + (margin > 0 === is ? 0 : Math.abs(margin)));
        // The probability of the class that the row isn't of, without digits lost to 1.
        const wrong = margin > 0 === is ? small * share : share;
        slopes[row] = is ? -weight * wrong : weight * wrong;
      }
      return sum;
    },
    curvature: ({ first, count, margins }, _output, _other, into) => {
      for (let row = 0; row < count; row++) {
        const small = Math.exp(-Math.abs(margins[row] ?? 0));
        const weight = weights ? (weights[first + row] ?? 0) : 1;
        into[row] = (weight * small) / ((1 + small) * (1 + small));
      }
    },
  };
}

/** The cross-entropy of the softmax of one margin for each class. */
export function softmaxLoss(
  codes: Int32Array,
  classes: number,
  weights: Float64Array | undefined,
): MarginLoss {
  return {
    outputs: classes,
    evaluate: ({ first, count, stride, margins, slopes }) => {
      let sum = 0;
      for (let row = 0; row < count; row++) {
        const weight = weights ? (weights[first + row] ?? 0) : 1;
        const code = codes[first + row] ?? 0;
        let largest = Number.NEGATIVE_INFINITY;
        for (let k = 0; k < classes; k++) largest = Math.max(largest, margins[k * stride + row] ?? 0);
        let total = 0;
        for (let k = 0; k < classes; k++) {
          const share = Math.exp((margins[k * stride + row] ?? 0) - largest);
          slopes[k * stride + row] = share;
          total += share;
        }
        sum += weight * (Math.log(total) + largest - (margins[code * stride + row] ?? 0));
        const scale = weight / total;
        for (let k = 0; k < classes; k++)
          slopes[k * stride + row] = (slopes[k * stride + row] ?? 0) * scale - (k === code ? weight : 0);
      }
      return sum;
    },
    curvature: ({ first, count, stride, margins }, output, other, into) => {
      for (let row = 0; row < count; row++) {
        const weight = weights ? (weights[first + row] ?? 0) : 1;
        const odds = oddsAgainst(margins, output, classes, stride, row);
        const share = 1 / (1 + odds);
        if (odds === Number.POSITIVE_INFINITY) into[row] = 0;
        else if (output === other) into[row] = weight * share * share * odds;
        else into[row] = (-weight * share) / (1 + oddsAgainst(margins, other, classes, stride, row));
      }
    },
  };
}

/** The sum of the other classes' probabilities over that of one. */
function oddsAgainst(
  margins: Float64Array,
  output: number,
  classes: number,
  stride: number,
  row: number,
): number {
  const own = margins[output * stride + row] ?? 0;
  let odds = 0;
  for (let k = 0; k < classes; k++)
    if (k !== output) odds += Math.exp((margins[k * stride + row] ?? 0) - own);
  return odds;
}
