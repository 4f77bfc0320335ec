import assert from "node:assert/strict";
import * as v from "valibot";
import {
  groupKFold,
  kFold,
  leaveOneOut,
  nestedSplits,
  purgedKFold,
  repeated,
  shuffleSplit,
  stratifiedGroupKFold,
  stratifiedKFold,
  stratifiedShuffleSplit,
  timeSeriesSplit,
  type RowsToSplit,
  type Splitter,
} from "../../../ml/evaluate/index.ts";
import { InvalidInputError } from "../../../ml/errors.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const reference = readReference(
  "evaluate-splits",
  v.object({
    cases: v.array(
      v.object({
        kind: v.string(),
        options: v.record(v.string(), v.number()),
        rows: v.number(),
        target: v.nullable(numbers),
        groups: v.nullable(numbers),
        spans: v.nullable(v.tuple([numbers, numbers])),
        splits: v.array(v.tuple([numbers, numbers])),
      }),
    ),
  }),
);

const splitters: Readonly<Record<string, (options: Readonly<Record<string, number>>) => Splitter>> = {
  kFold,
  leaveOneOut,
  timeSeriesSplit,
  stratifiedKFold,
  groupKFold,
  stratifiedGroupKFold,
  purgedKFold,
};

const listed = (splitter: Splitter, rows: RowsToSplit): number[][][] =>
  Array.from(splitter.split(rows), ({ train, test }) => [[...train], [...test]]);

describe("splits, against scikit-learn", () => {
  for (const { kind, options, rows, target, groups, spans, splits } of reference.cases) {
    it(`${kind} ${JSON.stringify(options)} of ${rows} rows`, () => {
      const splitter = splitters[kind]?.(options);
      assert.ok(splitter);
      assert.equal(splitter.kind, kind);
      const given = {
        rows,
        ...(target && { target }),
        ...(groups && { groups: groups.map((group) => `group ${String(group).padStart(3, "0")}`) }),
        ...(spans && { spans: { starts: spans[0], ends: spans[1] } }),
      };
      assert.deepEqual(listed(splitter, given), splits);
    });
  }
});

describe("splits", () => {
  const target = Array.from({ length: 103 }, (_, row) => (row % 5 === 0 ? "rare" : "usual"));
  const groups = Array.from({ length: 103 }, (_, row) => (row * 7) % 20);
  const rows: RowsToSplit = { rows: 103, target, groups };
  const all = Array.from({ length: 103 }, (_, row) => row);

  for (const splitter of [
    kFold({ shuffle: true, seed: 1 }),
    stratifiedKFold({ shuffle: true, seed: 1 }),
    groupKFold({ shuffle: true, seed: 1 }),
    stratifiedGroupKFold({ shuffle: true, seed: 1 }),
  ]) {
    it(`${splitter.kind}, shuffled: each row is tested once, and never beside itself`, () => {
      const splits = listed(splitter, rows);
      assert.equal(splits.length, 5);
      assert.deepEqual(
        splits.flatMap(([, test = []]) => test).sort((a, b) => a - b),
        all,
      );
      for (const [train = [], test = []] of splits)
        assert.deepEqual(
          [...train, ...test].sort((a, b) => a - b),
          all,
        );
      assert.deepEqual(listed(splitter, rows), splits, "the same seed gives the same splits");
    });
  }

  it("tears no group apart", () => {
    for (const splitter of [
      groupKFold({ shuffle: true }),
      stratifiedGroupKFold({ shuffle: true, seed: 5 }),
    ]) {
      for (const { train, test } of splitter.split(rows)) {
        const trained = new Set(Array.from(train, (row) => groups[row]));
        assert.ok(test.every((row) => !trained.has(groups[row])));
      }
    }
  });

  it("keeps the classes' proportions", () => {
    const share = (part: Uint32Array): number => part.filter((row) => target[row] === "rare").length;
    for (const { test } of stratifiedKFold({ shuffle: true, seed: 3 }).split(rows))
      assert.ok([4, 5].includes(share(test)), `${share(test)} rare ones`);
    const sizes = new Set<string>();
    for (const { train, test } of stratifiedShuffleSplit({ testSize: 0.25, seed: 3 }).split(rows)) {
      sizes.add(`${train.length} ${test.length}`);
      assert.ok([5, 6].includes(share(test)) && [15, 16].includes(share(train)));
      assert.equal(new Set([...train, ...test]).size, 103);
    }
    assert.deepEqual([...sizes], ["77 26"]);
  });

  it("shuffles anew in each split and repetition", () => {
    const splits = listed(shuffleSplit({ splits: 3, testSize: 10, trainSize: 0.5 }), rows);
    assert.deepEqual(
      splits.map(([train, test]) => [train?.length, test?.length]),
      [
        [51, 10],
        [51, 10],
        [51, 10],
      ],
    );
    assert.notDeepEqual(splits[0], splits[1]);
    const tests = listed(
      repeated(4, (seed) => kFold({ splits: 2, shuffle: true, seed })),
      rows,
    ).map(([, test]) => String(test));
    assert.equal(new Set(tests).size, 8);
  });

  it("nests splits in the row numbers of the whole", () => {
    const nested = [...nestedSplits(groupKFold(), stratifiedKFold({ splits: 3 }), rows)];
    assert.equal(nested.length, 5);
    for (const { train, test, inner } of nested) {
      assert.equal(inner.length, 3);
      for (const part of inner) {
        assert.deepEqual(
          [...part.train, ...part.test].sort((a, b) => a - b),
          [...train],
        );
        assert.ok(part.train.every((row) => !test.includes(row)));
      }
    }
  });

  const invalid: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["fewer rows than parts", () => listed(kFold(), { rows: 4 }), /4 rows can't be split into 5/],
    ["no rows", () => listed(leaveOneOut(), { rows: 0 }), /0 rows/],
    ["one part", () => kFold({ splits: 1 }), /at least 2/],
    ["part of a part", () => kFold({ splits: 2.5 }), /splits must be a whole number/],
    ["no target", () => listed(stratifiedKFold(), { rows: 9 }), /this split needs the classes/],
    ["a short target", () => listed(stratifiedKFold(), { rows: 9, target: [1] }), /1 classes and 9 rows/],
    ["rare classes", () => listed(stratifiedKFold(), { rows: 4, target: [0, 0, 1, 1] }), /4 rows|no class/],
    [
      "a NaN class",
      () => listed(stratifiedKFold(), { rows: 9, target: new Float32Array(9).fill(NaN) }),
      /row 0/,
    ],
    ["few groups", () => listed(groupKFold(), { rows: 9, groups: [1, 1, 1, 2, 2, 2, 3, 3, 3] }), /3 groups/],
    ["a short series", () => listed(timeSeriesSplit({ gap: 3 }), { rows: 8 }), /gap of 3/],
    ["a test part of all", () => listed(shuffleSplit({ testSize: 9 }), { rows: 9 }), /testSize/],
    [
      "too large parts",
      () => listed(shuffleSplit({ testSize: 5, trainSize: 5 }), { rows: 9 }),
      /can't be split/,
    ],
    [
      "single rows of a class",
      () => listed(stratifiedShuffleSplit(), { rows: 3, target: [1, 1, 2] }),
      /one row/,
    ],
    ["spans that end before", () => listed(purgedKFold(), spans([0, 1], [1, 0])), /span of row 1/],
    ["unsorted spans", () => listed(purgedKFold({ splits: 2 }), spans([2, 1], [3, 3])), /sort rows/],
    ["nothing left", () => listed(purgedKFold({ splits: 2 }), spans([0, 1], [9, 9])), /leaves no rows/],
    ["no embargo", () => purgedKFold({ embargo: 2 }), /embargo/],
  ];
  for (const [name, split, message] of invalid) {
    it(`refuses ${name}`, () => {
      assert.throws(split, (error) => error instanceof InvalidInputError && message.test(error.message));
    });
  }
});

function spans(starts: readonly number[], ends: readonly number[]): RowsToSplit {
  return { rows: starts.length, spans: { starts, ends } };
}
