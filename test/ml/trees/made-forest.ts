/** @file Forests and rows made of a seed, of all that a forest may hold. */
import { NodeRule, type Forest } from "../../../ml/trees/forest.ts";
import { LinearCongruential } from "../../support/linear-congruential.ts";

/** What a made forest has; what is absent is small and plain. */
export interface MadeForestOptions {
  readonly seed: number;
  readonly trees?: number;
  readonly features?: number;
  /** The longest way to a leaf. */
  readonly depth?: number;
  readonly outputs?: number;
  /** Whether each leaf holds a number for every output. */
  readonly wideLeaves?: boolean;
  /** How many of ten splits are categorical; these features are the odd ones. */
  readonly categorical?: number;
  readonly precision?: Forest["precision"];
  readonly link?: Forest["link"];
  readonly average?: boolean;
  readonly zeroAsMissing?: number;
  /** Different thresholds of a feature. */
  readonly thresholds?: number;
}

/** A forest of random splits. */
export function madeForest(options: MadeForestOptions): Forest {
  const { seed, trees = 5, features = 6, depth = 6, outputs = 1, wideLeaves = false } = options;
  const { categorical = 0, precision = "float32", thresholds: different = 50 } = options;
  const random = new LinearCongruential(seed);
  for (let skipped = 0; skipped < 10; skipped++) random.uniform();
  const nodes: { rule: NodeRule; feature: number; threshold: number; left: number; right: number }[] = [];
  const [missing, setStarts, setWords, sets, leafStarts, leafValues, roots, treeOutputs]: number[][] = [
    [],
    [],
    [],
    [],
    [],
    [],
    [],
    [],
  ];
  const grow = (left: number): number => {
    const at = nodes.length;
    const isLeaf = left === 0 || random.below(8) === 0;
    const isSet = !isLeaf && random.below(10) < categorical;
    const feature = isLeaf
      ? 0
      : isSet
        ? random.below(features >> 1) * 2 + 1
        : random.below((features + 1) >> 1) * 2;
    const raw = random.below(different) / 7 - different / 14;
    const threshold = precision === "float32" ? Math.fround(raw) : raw;
    const node = {
      rule: isLeaf
        ? NodeRule.leaf
        : isSet
          ? NodeRule.inSet
          : random.below(2) === 0
            ? NodeRule.below
            : NodeRule.atMost,
      feature,
      threshold: isLeaf ? 0 : threshold,
      left: 0,
      right: 0,
    };
    nodes.push(node);
    missing?.push(random.below(2));
    const words = 1 + random.below(2);
    setStarts?.push(isSet ? (sets?.length ?? 0) : -1);
    setWords?.push(isSet ? words : 0);
    if (isSet) for (let word = 0; word < words; word++) sets?.push(random.below(2 ** 32));
    leafStarts?.push(isLeaf ? (leafValues?.length ?? 0) : -1);
    if (isLeaf)
      for (let each = 0; each < (wideLeaves ? outputs : 1); each++) leafValues?.push(random.uniform() - 0.5);
    else {
      node.left = grow(left - 1);
      node.right = grow(left - 1);
    }
    return at;
  };
  for (let tree = 0; tree < trees; tree++) {
    roots?.push(grow(depth));
    treeOutputs?.push(wideLeaves ? -1 : tree % outputs);
  }
  return {
    featureNames: Array.from({ length: features }, (_, at) => `f${at}`),
    outputs,
    roots: Int32Array.from(roots ?? []),
    treeOutputs: Int32Array.from(treeOutputs ?? []),
    rules: Uint8Array.from(nodes, ({ rule }) => rule),
    features: Int32Array.from(nodes, ({ feature }) => feature),
    thresholds: Float64Array.from(nodes, ({ threshold }) => threshold),
    left: Int32Array.from(nodes, ({ left }) => left),
    right: Int32Array.from(nodes, ({ right }) => right),
    missingLeft: Uint8Array.from(missing ?? []),
    setStarts: Int32Array.from(setStarts ?? []),
    setWords: Int32Array.from(setWords ?? []),
    sets: Uint32Array.from(sets ?? []),
    leafStarts: Int32Array.from(leafStarts ?? []),
    leafValues: Float64Array.from(leafValues ?? []),
    covers: new Float64Array(0),
    gains: new Float64Array(0),
    base: Float64Array.from({ length: outputs }, (_, at) => at / 4 - 0.5),
    average: options.average ?? false,
    link: options.link ?? "identity",
    precision,
    ...(options.zeroAsMissing !== undefined && { zeroAsMissing: options.zeroAsMissing }),
  };
}

/** Rows for a made forest: numbers that often meet its thresholds, categories, missing and infinite ones. */
export function madeRows(forest: Forest, count: number, seed: number, different = 50): Float64Array {
  const random = new LinearCongruential(seed);
  const width = forest.featureNames.length;
  const pick = (feature: number): number => {
    const kind = random.below(20);
    if (kind === 0) return Number.NaN;
    if (kind === 1) return random.below(2) === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    if (feature % 2 === 1) return random.below(80) - 4;
    const value = random.below(different) / 7 - different / 14;
    return kind < 10 ? value : value + (random.uniform() - 0.5) / 10;
  };
  return Float64Array.from({ length: count * width }, (_, at) => pick(at % width));
}
