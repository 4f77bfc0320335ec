/** @file Whether flat arrays are a forest, as `forest.ts` says it: they may come from a file. */
import { InvalidInputError } from "../errors.ts";
import { NodeRule, type Forest } from "./forest.ts";

const links: readonly string[] = ["identity", "sigmoid", "softmax", "exp"] satisfies Forest["link"][];

/**
 * Checks everything that predictors rely on: lengths, places within their arrays, children behind their parents, each
 * node reached once at most, thresholds and values that are numbers.
 * @throws {@link InvalidInputError} that names the first thing that doesn't hold
 */
export function checkForest(forest: Forest): void {
  checkShape(forest);
  checkRoots(forest);
  const reached = new Uint8Array(forest.rules.length);
  for (const root of forest.roots) reach(reached, root, "a tree's root");
  const nodeCount = forest.rules.length;
  for (let node = 0; node < nodeCount; node++) {
    if (at(forest.rules, node) === NodeRule.leaf) continue;
    checkSplit(forest, node);
    for (const child of [at(forest.left, node), at(forest.right, node)]) {
      if (!(child > node && child < nodeCount))
        throw broken(`node ${node} has the child ${child}, which is not one of the nodes behind it`);
      reach(reached, child, `a child of node ${node}`);
    }
  }
  checkLeaves(forest);
}

function checkShape(forest: Forest): void {
  const { outputs, rules, featureNames, base, link, precision, zeroAsMissing } = forest;
  if (!Number.isSafeInteger(outputs) || outputs < 1) throw broken(`${outputs} outputs`);
  if (featureNames.length === 0) throw broken("it has no features");
  const names = ["features", "thresholds", "left", "right", "missingLeft", "setStarts", "setWords"] as const;
  for (const name of [...names, "leafStarts" as const]) {
    if (forest[name].length !== rules.length)
      throw broken(`${rules.length} rules of nodes and ${forest[name].length} ${name}`);
  }
  for (const name of ["covers", "gains"] as const) {
    const { length } = forest[name];
    if (length !== 0 && length !== rules.length)
      throw broken(`${rules.length} rules of nodes and ${length} ${name}`);
  }
  if (base.length !== outputs) throw broken(`${outputs} outputs and ${base.length} numbers to begin with`);
  checkFinite("base", base);
  if (!links.includes(link)) throw broken(`no link "${link}"`);
  if (link === "softmax" && outputs < 2) throw broken("a softmax of one output");
  if (precision !== "float32" && precision !== "float64") throw broken(`no precision "${String(precision)}"`);
  if (zeroAsMissing !== undefined && !(zeroAsMissing >= 0 && Number.isFinite(zeroAsMissing)))
    throw broken(`zeros up to ${zeroAsMissing} as missing`);
}

function checkRoots({ roots, treeOutputs, outputs, rules }: Forest): void {
  if (roots.length !== treeOutputs.length)
    throw broken(`${roots.length} roots and ${treeOutputs.length} outputs of trees`);
  for (let tree = 0; tree < roots.length; tree++) {
    const [root, output] = [at(roots, tree), at(treeOutputs, tree)];
    if (root < 0 || root >= rules.length)
      throw broken(`tree ${tree} begins at node ${root} of ${rules.length}`);
    if (output < -1 || output >= outputs) throw broken(`tree ${tree} adds to output ${output} of ${outputs}`);
  }
}

function reach(reached: Uint8Array, node: number, what: string): void {
  if (at(reached, node) === 1) throw broken(`node ${node}, ${what}, is reached twice`);
  reached[node] = 1;
}

function checkSplit(forest: Forest, node: number): void {
  const rule = at(forest.rules, node);
  const feature = at(forest.features, node);
  if (feature < 0 || feature >= forest.featureNames.length)
    throw broken(`node ${node} tests feature ${feature} of ${forest.featureNames.length}`);
  if (at(forest.missingLeft, node) > 1)
    throw broken(`node ${node}: ${at(forest.missingLeft, node)} is no direction of missing values`);
  if (rule === NodeRule.below || rule === NodeRule.atMost) return checkThreshold(forest, node);
  if (rule !== NodeRule.inSet) throw broken(`node ${node} has the rule ${rule}, which isn't known`);
  const [start, words] = [at(forest.setStarts, node), at(forest.setWords, node)];
  if (start < 0 || words < 0 || start + words > forest.sets.length)
    throw broken(`node ${node} has its set at ${start}, ${words} words of ${forest.sets.length}`);
}

function checkThreshold({ thresholds, precision }: Forest, node: number): void {
  const threshold = at(thresholds, node);
  if (Number.isNaN(threshold)) throw broken(`node ${node} has the threshold NaN`);
  if (precision === "float32" && Math.fround(threshold) !== threshold)
    throw broken(`node ${node} has the threshold ${threshold}, which is no float32`);
}

/** The leaves of each tree have as many numbers as the tree adds to. */
function checkLeaves(forest: Forest): void {
  const { roots, treeOutputs, outputs, rules, leafStarts, leafValues, left, right } = forest;
  checkFinite("leafValues", leafValues);
  const width = new Int32Array(rules.length);
  for (let tree = 0; tree < roots.length; tree++)
    width[at(roots, tree)] = at(treeOutputs, tree) === -1 ? outputs : 1;
  for (let node = 0; node < rules.length; node++) {
    const size = at(width, node);
    if (at(rules, node) !== NodeRule.leaf) {
      width[at(left, node)] = size;
      width[at(right, node)] = size;
    } else if (size > 0 && !(at(leafStarts, node) >= 0 && at(leafStarts, node) + size <= leafValues.length)) {
      throw broken(
        `node ${node}, a leaf of ${size} numbers, has them at ${at(leafStarts, node)} of ${leafValues.length}`,
      );
    }
  }
}

function checkFinite(what: string, numbers: Float64Array): void {
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw broken(`${what} holds ${numbers[bad]} at ${bad}`);
}

function at(numbers: Int32Array | Uint8Array | Float64Array, index: number): number {
  return numbers[index] ?? Number.NaN;
}

function broken(what: string): InvalidInputError {
  return new InvalidInputError(`this is no forest: ${what}`);
}
