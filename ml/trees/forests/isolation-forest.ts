/** @file Isolation forests (Liu, Ting and Zhou, "Isolation forest", 2008), in scikit-learn's terms. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import type { AnomalyDetector, FitOptions } from "../../estimator.ts";
import { observedEstimator } from "../../fit-observer.ts";
import { Random } from "../../random.ts";
import { refuseWeights } from "../../row-weights.ts";
import { requireCount } from "../../settings.ts";
import { Turns } from "../../turns.ts";
import type { Forest } from "../forest.ts";
import { featureColumns } from "./feature-columns.ts";
import { growTree } from "./grow-tree.ts";
import { IsolationForestModel } from "./isolation-model.ts";
import { NodeList } from "./node-list.ts";
import { averagePathLength } from "./path-length.ts";
import { RandomSplitter } from "./random-splitter.ts";
import { checkSeed, sampleCount } from "./settings.ts";
import { FeatureDraw } from "./splitter.ts";
import { numbersTarget } from "./tree-target.ts";

/** What an isolation forest can be told, with scikit-learn's names and defaults. */
export interface IsolationForestSettings {
  readonly nEstimators: number;
  /** How many rows each tree is grown on: "auto" is 256, or all where there are fewer; else a share up to 1, or a number. */
  readonly maxSamples: "auto" | number;
  /** The share of the rows of the fit that are anomalies, up to a half; "auto" puts the threshold at a score of 0.5. */
  readonly contamination: "auto" | number;
  /** The same seed gives the same forest. */
  readonly seed: number;
}

/** How anomalies are to be told by an isolation forest. */
export type IsolationForest = AnomalyDetector<IsolationForestSettings, IsolationForestModel>;

const autoSamples = 256;

/**
 * Trees of random splits of random features, on few rows each: unusual rows end near the root. NaN is a missing value, which
 * goes to a random side.
 * @example const unusual = await (await isolationForest().fit(rows)).score(rows);
 * @throws {@link InvalidInputError} for settings that make no sense
 */
export function isolationForest(changes: Partial<IsolationForestSettings> = {}): IsolationForest {
  const settings: IsolationForestSettings = {
    nEstimators: 100,
    maxSamples: "auto",
    contamination: "auto",
    seed: 0,
    ...changes,
  };
  checkSettings(settings);
  return observedEstimator({
    kind: "isolationForest",
    task: "anomaly",
    settings,
    with: (more) => isolationForest({ ...settings, ...more }),
    fit: async (rows, options = {}) => {
      const { forest, samples } = await grow(rows, settings, options);
      const { contamination } = settings;
      const model = new IsolationForestModel({ forest, samples, threshold: 0.5 });
      if (contamination === "auto") return model;
      const scores = (await model.score(rows)).sort();
      return new IsolationForestModel({ forest, samples, threshold: quantile(scores, 1 - contamination) });
    },
  });
}

function checkSettings({ nEstimators, maxSamples, contamination, seed }: IsolationForestSettings): void {
  requireCount("nEstimators", nEstimators);
  checkSeed(seed);
  if (maxSamples !== "auto" && !(maxSamples > 0 && (maxSamples <= 1 || Number.isSafeInteger(maxSamples))))
    throw new InvalidInputError(`maxSamples must be "auto", a share or a whole number, not ${maxSamples}`);
  if (contamination !== "auto" && !(contamination > 0 && contamination <= 0.5))
    throw new InvalidInputError(`contamination must be "auto" or a share up to 0.5, not ${contamination}`);
}

async function grow(
  matrix: DenseMatrix,
  { nEstimators, maxSamples, seed }: IsolationForestSettings,
  options: FitOptions,
): Promise<{ readonly forest: Forest; readonly samples: number }> {
  refuseWeights("an isolation forest", options.weights);
  const turns = new Turns(options.signal);
  const features = featureColumns(matrix);
  const { rows } = matrix;
  const samples = sampleCount(maxSamples === "auto" ? Math.min(autoSamples, rows) : maxSamples, rows);
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  const random = new Random(seed);
  const draw = new FeatureDraw(matrix.columns.length, 1, random);
  const target = numbersTarget(new Float64Array(rows));
  const nodes = new NodeList(1);
  const sample = { weights: new Float64Array(rows).fill(1), additions: target.amounts };
  const limits = {
    maxDepth: Math.ceil(Math.log2(Math.max(samples, 2))),
    minSamplesSplit: 2,
    minSamplesLeaf: 1,
    minImpurityDecrease: 0,
    splitsPureNodes: true,
  };
  const roots = new Int32Array(nEstimators);
  for (let tree = 0; tree < nEstimators; tree++) {
    roots[tree] = await growTree(
      {
        features,
        target,
        splitter: new RandomSplitter(features, target, "squares", 1, draw, random),
        limits,
        nodes,
        leafValues: ({ start, end }, depth, into) => void (into[0] = depth + averagePathLength(end - start)),
        turns,
      },
      sample,
      drawn(order, samples, random),
    );
    if (turns.due) await turns.give();
  }
  const forest: Forest = {
    ...nodes.arrays(),
    // A split is for its own sake.
    gains: new Float64Array(0),
    featureNames: matrix.columns,
    outputs: 1,
    roots,
    treeOutputs: new Int32Array(nEstimators),
    base: new Float64Array(1),
    average: true,
    link: "identity",
    precision: "float32",
  };
  return { forest, samples };
}

/** Rows without replacement: the first of a shuffle, as far as they are needed. */
function drawn(rows: Uint32Array, count: number, random: Random): Uint32Array {
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random.uniform() * (rows.length - at));
    const row = rows[other] ?? 0;
    rows[other] = rows[at] ?? 0;
    rows[at] = row;
  }
  return rows.slice(0, count);
}

/** Linear between the values around it, as NumPy's percentile. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? 0;
  return low + (high - low) * (place - Math.floor(place));
}
