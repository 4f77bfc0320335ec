/** @file Many trees, each on its own draw of the rows. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import type { FitOptions } from "../../estimator.ts";
import { Random } from "../../random.ts";
import { rowWeights } from "../../row-weights.ts";
import { Turns } from "../../turns.ts";
import type { Forest } from "../forest.ts";
import { BestSplitter } from "./best-splitter.ts";
import { binColumns } from "./binned-columns.ts";
import { featureColumns } from "./feature-columns.ts";
import { growTree } from "./grow-tree.ts";
import { NodeList } from "./node-list.ts";
import { RandomSplitter } from "./random-splitter.ts";
import { featureCount, sampleCount, type ForestSettings } from "./settings.ts";
import { FeatureDraw, type OpenNode, type TreeSample } from "./splitter.ts";
import type { Impurity, TreeTarget } from "./tree-target.ts";

/** What a forest is grown of. */
export interface ForestTraining {
  readonly rows: DenseMatrix;
  readonly target: TreeTarget;
  readonly impurity: Impurity;
  /** "best" splits of bins, or one "random" split for each feature. */
  readonly splits: "best" | "random";
  readonly settings: ForestSettings;
  readonly options: FitOptions;
}

/**
 * Grows a forest whose leaves hold means: of a number, the share of the second of two classes, or the share of each class.
 * @throws {@link InvalidInputError} for rows or weights that nothing can be learnt from
 */
export async function trainForest(training: ForestTraining): Promise<Forest> {
  const { rows, target, impurity, splits, settings, options } = training;
  const turns = new Turns(options.signal);
  const features = featureColumns(rows);
  const given = rowWeights(options.weights, rows.rows);
  const random = new Random(settings.seed);
  const width = rows.columns.length;
  const draw = new FeatureDraw(width, featureCount(settings.maxFeatures, width), random);
  const { minSamplesLeaf } = settings;
  const splitter =
    splits === "best"
      ? new BestSplitter(await binColumns(features, turns), target, impurity, minSamplesLeaf, draw)
      : new RandomSplitter(features, target, impurity, minSamplesLeaf, draw, random);
  const outputs = target.isClasses && target.slotCount > 2 ? target.slotCount : 1;
  const nodes = new NodeList(outputs);
  const limits = { ...settings, maxDepth: settings.maxDepth ?? Infinity, splitsPureNodes: false };
  const leafValues = target.isClasses ? classShares : mean;
  const growth = { features, target, splitter, limits, nodes, leafValues, turns };
  const roots = new Int32Array(settings.nEstimators);
  for (let tree = 0; tree < settings.nEstimators; tree++) {
    const { sample, chosen } = drawRows(settings, given, target, random, rows.rows);
    roots[tree] = await growTree(growth, sample, chosen);
    if (turns.due) await turns.give();
  }
  return {
    ...nodes.arrays(),
    featureNames: rows.columns,
    outputs,
    roots,
    treeOutputs: new Int32Array(roots.length).fill(outputs === 1 ? 0 : -1),
    base: new Float64Array(outputs),
    average: true,
    link: "identity",
    precision: "float32",
  };
}

/** The rows of one tree, those of weight 0 left out. */
function drawRows(
  settings: ForestSettings,
  given: Float64Array | undefined,
  target: TreeTarget,
  random: Random,
  rows: number,
): { readonly sample: TreeSample; readonly chosen: Uint32Array } {
  const { bootstrap, maxSamples } = settings;
  const { amounts } = target;
  const weights = bootstrap ? new Float64Array(rows) : (given?.slice() ?? new Float64Array(rows).fill(1));
  if (bootstrap) {
    const draws = sampleCount(maxSamples, rows);
    for (let drawn = 0; drawn < draws; drawn++) {
      const row = Math.floor(random.uniform() * rows);
      weights[row] = (weights[row] ?? 0) + 1;
    }
    if (given) for (let row = 0; row < rows; row++) weights[row] = (weights[row] ?? 0) * (given[row] ?? 0);
  }
  const chosen = Uint32Array.from(weights.keys()).filter((row) => (weights[row] ?? 0) > 0);
  // A draw may hold no row that has a weight: the next one has.
  if (chosen.length === 0) return drawRows(settings, given, target, random, rows);
  const additions = weights.map((weight, row) => weight * (amounts[row] ?? 0));
  return { sample: { weights, additions }, chosen };
}

function classShares({ sums, weight }: OpenNode, _depth: number, into: Float64Array): void {
  if (sums.length === 2) into[0] = (sums[1] ?? 0) / weight;
  else for (let slot = 0; slot < sums.length; slot++) into[slot] = (sums[slot] ?? 0) / weight;
}

function mean({ sums, weight }: OpenNode, _depth: number, into: Float64Array): void {
  into[0] = (sums[0] ?? 0) / weight;
}
