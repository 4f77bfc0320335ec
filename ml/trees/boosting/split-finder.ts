/** @file The best split of a node by its histogram. */
import { missingBin, type FeatureBins } from "./feature-bins.ts";
import { findCategoricalSplit } from "./categorical-split.ts";
import { rangesOf, type Crew } from "./crew.ts";
import type { Split } from "./grown-tree.ts";
import { featureBytes, type NodeSums } from "./node-sums.ts";
import type { Pointer } from "./kernels.ts";
import type { TrainingMemory } from "./memory.ts";
import type { BoostingSettings } from "./settings.ts";

/** XGBoost takes no split that gains less. */
const leastGain = 1e-6;

/** Fewer features are looked through by one thread: telling others takes longer. */
const featuresWorthSharing = 64;

const outBytes = 64;
const hasMissingFlag = 65_536;
const risingFlag = 131_072;
const fallingFlag = 262_144;

/** Finds splits with one set of features and settings. */
export class SplitFinder {
  readonly #memory: TrainingMemory;
  readonly #crew: Crew;
  readonly #features: readonly FeatureBins[];
  readonly #settings: BoostingSettings;
  readonly #isBounded: boolean;
  readonly #about: Pointer;
  readonly #chosen: Pointer;
  readonly #chosenPlaces: Uint32Array;
  /** The features that stand there, and those that they were chosen from. */
  #numeric: readonly number[] = [];
  #among: readonly number[] | undefined;
  readonly #out: Pointer;
  /** What each thread has found: gain, left side's sums; feature, last bin, side of missing values. */
  readonly #found: readonly { readonly sums: Float64Array; readonly place: Uint32Array }[];

  constructor(
    memory: TrainingMemory,
    crew: Crew,
    features: readonly FeatureBins[],
    monotone: readonly number[],
    settings: BoostingSettings,
  ) {
    this.#memory = memory;
    this.#crew = crew;
    this.#features = features;
    this.#settings = settings;
    this.#isBounded = settings.alpha > 0 || settings.maxDeltaStep > 0 || monotone.some((each) => each !== 0);
    this.#about = memory.reserve(4 * features.length);
    this.#chosen = memory.reserve(4 * features.length);
    this.#chosenPlaces = memory.uint32(this.#chosen, features.length);
    this.#out = memory.reserve(outBytes * crew.threads);
    this.#found = Array.from({ length: crew.threads }, (_, thread) => ({
      sums: memory.float64(this.#out + thread * outBytes, 3),
      place: memory.uint32(this.#out + thread * outBytes + 24, 3),
    }));
    const about = memory.uint32(this.#about, features.length);
    for (const [place, { binCount, hasMissing }] of features.entries()) {
      const direction = monotone[place] ?? 0;
      about[place] =
        binCount +
        (hasMissing ? hasMissingFlag : 0) +
        (direction > 0 ? risingFlag : direction < 0 ? fallingFlag : 0);
    }
  }

  /** The best split of a node among features, given by place and ascending; undefined where none gains enough. */
  find(sums: Pointer, node: NodeSums, among: readonly number[]): Split | undefined {
    const { gamma } = this.#settings;
    const own = scoreOf(node, this.#settings);
    this.#choose(among);
    let best = this.#findInOrder(sums, node, own + leastGain);
    if (this.#numeric.length === among.length) return accepted(best, own, gamma);
    for (const place of among) {
      const feature = this.#features[place];
      if (!feature?.categories) continue;
      const pairs = this.#memory.float64(sums + place * featureBytes, 2 * (missingBin + 1));
      const found = findCategoricalSplit(pairs, feature.categories.length, node, this.#settings);
      if (found && found.gain > (best?.gain ?? own + leastGain)) best = { ...found, feature: place };
    }
    return accepted(best, own, gamma);
  }

  /** Tells kernels the features; most nodes have those of the node before. */
  #choose(among: readonly number[]): void {
    if (this.#among === among) return;
    this.#among = among;
    this.#numeric = among.filter((place) => !this.#features[place]?.categories);
    this.#chosenPlaces.set(this.#numeric);
  }

  #findInOrder(sums: Pointer, { gradient, second, low, high }: NodeSums, floor: number): Split | undefined {
    if (this.#numeric.length === 0) return undefined;
    const { lambda, alpha, minChildWeight } = this.#settings;
    const isShared = this.#numeric.length >= featuresWorthSharing;
    const ranges = rangesOf(this.#numeric.length, isShared ? this.#crew.threads : 1, 1);
    const calls = ranges.map(({ start, count }, thread) => {
      const out = this.#out + thread * outBytes;
      const chosen = this.#chosen + 4 * start;
      return [
        ...([sums, chosen, count, this.#about] as const),
        ...([gradient, second, lambda, minChildWeight, floor, out] as const),
      ] as const;
    });
    if (this.#isBounded)
      this.#crew.call(
        "bestBoundedSplit",
        calls.map((values) => [...values, alpha, low, high]),
      );
    else this.#crew.call("bestSplit", calls);
    let best: Split | undefined;
    for (const { sums: numbers, place } of this.#found.slice(0, ranges.length)) {
      const [gain = 0, leftGradient = 0, leftSecond = 0] = numbers;
      if (gain === 0 || gain <= (best?.gain ?? 0)) continue;
      const [feature = 0, lastBin = 0, missingLeft = 0] = place;
      best = { feature, gain, leftGradient, leftSecond, missingLeft: missingLeft === 1, lastBin, bins: [] };
    }
    return best;
  }
}

/** A split whose gain is what it improves on the node as a leaf; undefined where that is too little. */
function accepted(split: Split | undefined, own: number, gamma: number): Split | undefined {
  if (!split || split.gain - own < gamma) return undefined;
  return { ...split, gain: split.gain - own };
}

/** What a leaf of the node's rows would take off the objective, twice. */
function scoreOf(node: NodeSums, settings: BoostingSettings): number {
  const { alpha, lambda } = settings;
  const value = leafValue(node, settings);
  return -(2 * node.gradient * value + (node.second + lambda) * value * value + 2 * alpha * Math.abs(value));
}

/** The best value of a leaf, before the learning rate (Chen and Guestrin, "XGBoost", 2016, equation 5, with L1). */
export function leafValue(
  { gradient, second, low, high }: NodeSums,
  { lambda, alpha }: BoostingSettings,
): number {
  if (!(second + lambda > 0)) return 0;
  const shrunk = Math.sign(gradient) * Math.max(0, Math.abs(gradient) - alpha);
  return Math.max(low, Math.min(high, -shrunk / (second + lambda)));
}
