import assert from "node:assert/strict";
import { InvalidInputError } from "../../../ml/errors.ts";
import { checkForest } from "../../../ml/trees/check-forest.ts";
import type { Forest } from "../../../ml/trees/forest.ts";
import { compileForest } from "../../../ml/trees/predictor/compile-forest.ts";
import { LinearCongruential } from "../../support/linear-congruential.ts";
import { madeForest, madeRows } from "./made-forest.ts";

const forest = madeForest({ seed: 1, categorical: 3, outputs: 2 });
const inner = forest.rules.findIndex((rule) => rule === 1 || rule === 2);
const leaf = forest.rules.indexOf(0);
const set = forest.rules.indexOf(3);

/** An array with another number at a place. */
function changed<A extends Int32Array | Uint8Array | Float64Array>(array: A, at: number, value: number): A {
  const copy = array.slice();
  copy[at] = value;
  // SAFETY: a slice is of the same type.
  return copy as A;
}

const broken: Readonly<Record<string, readonly [Partial<Forest>, RegExp]>> = {
  "no output": [{ outputs: 0 }, /0 outputs/u],
  "no feature": [{ featureNames: [] }, /no features/u],
  "arrays of two lengths": [{ left: forest.left.slice(1) }, /rules of nodes and \d+ left/u],
  "covers of another length": [{ covers: new Float64Array(2) }, /2 covers/u],
  "a base too many": [{ base: new Float64Array(3) }, /3 numbers to begin with/u],
  "a base that is no number": [{ base: Float64Array.of(0, Number.NaN) }, /base holds NaN at 1/u],
  "a softmax of one": [{ outputs: 1, base: new Float64Array(1), link: "softmax" }, /softmax of one/u],
  "a tree without an output": [{ treeOutputs: forest.treeOutputs.slice(1) }, /roots and/u],
  "a root that isn't there": [{ roots: changed(forest.roots, 1, 1e6) }, /tree 1 begins at node 1000000/u],
  "an output that isn't there": [{ treeOutputs: changed(forest.treeOutputs, 0, 2) }, /output 2 of 2/u],
  "a root within a tree": [{ roots: changed(forest.roots, 1, 1) }, /reached twice/u],
  "a child before its parent": [{ left: changed(forest.left, inner, 0) }, /the child 0/u],
  "a child behind the last": [{ right: changed(forest.right, inner, 1e6) }, /the child 1000000/u],
  "a child of two": [{ left: changed(forest.left, inner, forest.right[inner] ?? 0) }, /reached twice/u],
  "a feature too many": [{ features: changed(forest.features, inner, 6) }, /feature 6 of 6/u],
  "a negative feature": [{ features: changed(forest.features, inner, -1) }, /feature -1/u],
  "a rule that isn't known": [{ rules: changed(forest.rules, inner, 9) }, /rule 9/u],
  "a third direction": [{ missingLeft: changed(forest.missingLeft, inner, 2) }, /2 is no direction/u],
  "a threshold that is no number": [
    { thresholds: changed(forest.thresholds, inner, Number.NaN) },
    /threshold NaN/u,
  ],
  "a threshold that is no float32": [{ thresholds: changed(forest.thresholds, inner, 0.1) }, /no float32/u],
  "a set behind the last": [{ setStarts: changed(forest.setStarts, set, 1e6) }, /its set at 1000000/u],
  "a set before the first": [{ setStarts: changed(forest.setStarts, set, -1) }, /its set at -1/u],
  "a leaf without a number": [{ leafStarts: changed(forest.leafStarts, leaf, -1) }, /a leaf of 1 numbers/u],
  "a value that is no number": [
    { leafValues: changed(forest.leafValues, 0, Infinity) },
    /leafValues holds Infinity/u,
  ],
};

describe("the check of a forest", () => {
  it("accepts what is one", () => {
    checkForest(forest);
    checkForest(madeForest({ seed: 2, wideLeaves: true, outputs: 3, precision: "float64" }));
  });

  for (const [name, [changes, message]] of Object.entries(broken)) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => checkForest({ ...forest, ...changes }),
        (error) => {
          assert.ok(error instanceof InvalidInputError);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it("lets nothing through that a predictor can't take, whatever is changed", () => {
    const random = new LinearCongruential(7);
    const arrays = [
      "roots",
      "treeOutputs",
      "rules",
      "features",
      "thresholds",
      "left",
      "right",
      "missingLeft",
      "setStarts",
      "setWords",
      "leafStarts",
      "leafValues",
    ] as const;
    const values = [-1, 0, 1, 2, 3, 7, 100, 2 ** 31 - 1, -(2 ** 31), Number.NaN, Infinity];
    const rows = madeRows(forest, 32, 8);
    let refused = 0;
    for (let round = 0; round < 1500; round++) {
      const name = arrays[random.below(arrays.length)] ?? "left";
      const at = random.below(forest[name].length);
      const fuzzed = {
        ...forest,
        [name]: changed(forest[name], at, values[random.below(values.length)] ?? 0),
      };
      try {
        checkForest(fuzzed);
      } catch (error) {
        assert.ok(error instanceof InvalidInputError, String(error));
        refused++;
        continue;
      }
      const into = new Float64Array(64);
      compileForest(fuzzed).predict(rows, 32, into);
      assert.ok(into.every((value) => Number.isFinite(value)));
    }
    assert.ok(refused > 300);
  });
});
