/** @file What a solver asks of a loss: how rows' margins are judged, and how that changes with them. */
import type { PassBlock } from "../row-blocks.ts";

/** A loss of each row's margins. All of it is by row weights; sums are not divided by them. */
export interface MarginLoss {
  /** How many margins a row has. */
  readonly outputs: number;
  /** The sum of losses over a block's rows; the slopes of the loss go to the block's `slopes`. */
  evaluate(block: PassBlock): number;
  /** How fast the slope of one output's margin grows with the margin of another, or its own, for each row of a block. */
  curvature(block: PassBlock, output: number, other: number, into: Float64Array): void;
}

/** A loss of a single margin and a number that is to be met. */
export interface PointLoss {
  value(margin: number, target: number): number;
  /** The derivative by the margin. */
  slope(margin: number, target: number): number;
  /** The second derivative by the margin; where there is none, that from either side. */
  curvature(margin: number, target: number): number;
}

/** A single output's loss, row by row, from the loss of one margin. */
export function rowLoss(
  loss: PointLoss,
  target: Float64Array | Int8Array,
  weights: Float64Array | undefined,
): MarginLoss {
  return {
    outputs: 1,
    evaluate: ({ first, count, margins, slopes }) => {
      let sum = 0;
      for (let row = 0; row < count; row++) {
        const weight = weights ? (weights[first + row] ?? 0) : 1;
        const margin = margins[row] ?? 0;
        const goal = target[first + row] ?? 0;
        // A weight of 0 leaves out what would be infinite, too.
        sum += weight === 0 ? 0 : weight * loss.value(margin, goal);
        slopes[row] = weight === 0 ? 0 : weight * loss.slope(margin, goal);
      }
      return sum;
    },
    curvature: ({ first, count, margins }, _output, _other, into) => {
      for (let row = 0; row < count; row++) {
        const weight = weights ? (weights[first + row] ?? 0) : 1;
        const curvature = loss.curvature(margins[row] ?? 0, target[first + row] ?? 0);
        into[row] = weight === 0 ? 0 : weight * curvature;
      }
    },
  };
}
