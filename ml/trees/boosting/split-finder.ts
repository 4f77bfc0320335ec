/** @file The best split of a node by its histogram. */
import { missingBin, type FeatureBins } from "./feature-bins.ts";
import { findCategoricalSplit } from "./categorical-split.ts";
import type { Split } from "./grown-tree.ts";
import { featureBytes, type NodeSums } from "./node-sums.ts";
import type { Pointer } from "./kernels.ts";
import type { TrainingMemory } from "./memory.ts";
import type { BoostingSettings } from "./settings.ts";

/** XGBoost takes no split that gains less. */
const leastGain = 1e-6;

const hasMissingFlag = 65_536;
const risingFlag = 131_072;
const fallingFlag = 262_144;

/** Finds splits with one set of features and settings. */
export class SplitFinder {
  readonly #memory: TrainingMemory;
  readonly #features: readonly FeatureBins[];
  readonly #settings: BoostingSettings;
  readonly #isBounded: boolean;
  readonly #about: Pointer;
  readonly #chosen: Pointer;
  readonly #out: Pointer;
  readonly #found: Float64Array;
  readonly #foundPlace: Uint32Array;

  constructor(
    memory: TrainingMemory,
    features: readonly FeatureBins[],
    monotone: readonly number[],
    settings: BoostingSettings,
  ) {
    this.#memory = memory;
    this.#features = features;
    this.#settings = settings;
    this.#isBounded = settings.alpha > 0 || settings.maxDeltaStep > 0 || monotone.some((each) => each !== 0);
    this.#about = memory.reserve(4 * features.length);
    this.#chosen = memory.reserve(4 * features.length);
    this.#out = memory.reserve(64);
    this.#found = memory.float64(this.#out, 3);
    this.#foundPlace = memory.uint32(this.#out + 24, 3);
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
    const numeric = among.filter((place) => !this.#features[place]?.categories);
    let best = this.#findInOrder(sums, node, numeric, own + leastGain);
    for (const place of among) {
      const feature = this.#features[place];
      if (!feature?.categories) continue;
      const pairs = this.#memory.float64(sums + place * featureBytes, 2 * (missingBin + 1));
      const found = findCategoricalSplit(pairs, feature.categories.length, node, this.#settings);
      if (found && found.gain > (best?.gain ?? own + leastGain)) best = { ...found, feature: place };
    }
    if (!best || best.gain - own < gamma) return undefined;
    return { ...best, gain: best.gain - own };
  }

  #findInOrder(
    sums: Pointer,
    { gradient, second, low, high }: NodeSums,
    among: readonly number[],
    floor: number,
  ): Split | undefined {
    const memory = this.#memory;
    const { lambda, alpha, minChildWeight } = this.#settings;
    memory.uint32(this.#chosen, among.length).set(among);
    const place = [sums, this.#chosen, among.length, this.#about] as const;
    const limits = [gradient, second, lambda, minChildWeight, floor, this.#out] as const;
    if (this.#isBounded) memory.kernels.bestBoundedSplit(...place, ...limits, alpha, low, high);
    else memory.kernels.bestSplit(...place, ...limits);
    const [gain = 0, leftGradient = 0, leftSecond = 0] = this.#found;
    const [feature = 0, lastBin = 0, missingLeft = 0] = this.#foundPlace;
    if (gain === 0) return undefined;
    return { feature, gain, leftGradient, leftSecond, missingLeft: missingLeft === 1, lastBin, bins: [] };
  }
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
