/** @file What a training makes small. */
import type { ForestLink } from "../../forest.ts";
import { rangesOf, type Crew } from "../crew.ts";
import type { Pointer } from "../kernels.ts";
import type { TrainingMemory } from "../memory.ts";

const rowsWorthSharing = 32_768;

/** Scores, targets and pairs in a training's memory. */
export interface PairPlaces {
  /** float32, output after output. */
  readonly scores: Pointer;
  readonly scoreBytes: number;
  readonly targets: Pointer;
  /** 0 where all rows count the same. */
  readonly weights: Pointer;
  /** Pairs of float32, output after output. */
  readonly pairs: Pointer;
  readonly pairBytes: number;
  /** The number of rows, padded to a multiple of 4. */
  readonly count: number;
}

/** Scores of rows and what they should be. */
export interface Scored {
  /** The scores of each output. */
  readonly scores: readonly Float32Array[];
  readonly targets: Float32Array;
  readonly weights: Float32Array | undefined;
}

/** Where a training is at work. */
export interface TrainingWork {
  readonly memory: TrainingMemory;
  readonly crew: Crew;
}

/** An objective. */
export interface Objective {
  readonly outputs: number;
  readonly link: ForestLink;
  /** The loss's name, as it is shown. */
  readonly metric: string;
  /** Where scores begin, for each output. */
  base(targets: Float32Array, weights: Float32Array | undefined): Float64Array;
  /** Writes gradients and second derivatives of the loss by the scores, of all outputs. */
  writePairs(work: TrainingWork, places: PairPlaces): void;
  /** The mean loss, smaller is better. */
  loss(scored: Scored): number;
  /** The best value for the rows of a leaf, where that isn't the step of gradients. */
  readonly leafValue?: (rows: Uint32Array, scored: Scored) => number;
}

/** The parts of places that threads work on at once; one where there are few rows. */
export function partsOf(places: PairPlaces, { threads }: Crew): readonly PairPlaces[] {
  const parts = places.count >= rowsWorthSharing ? threads : 1;
  return rangesOf(places.count, parts, 16).map(({ start, count }) => partOf(places, start, count));
}

function partOf(places: PairPlaces, start: number, count: number): PairPlaces {
  return {
    ...places,
    scores: places.scores + 4 * start,
    targets: places.targets + 4 * start,
    weights: places.weights === 0 ? 0 : places.weights + 4 * start,
    pairs: places.pairs + 8 * start,
    count,
  };
}

/** The mean by weight of a number for each row. */
export function weightedMean(
  count: number,
  weights: Float32Array | undefined,
  of: (row: number) => number,
): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < count; row++) {
    const weight = weights ? (weights[row] ?? 0) : 1;
    if (weight === 0) continue;
    sum += weight * of(row);
    total += weight;
  }
  return sum / total;
}
