/** @file Splits within splits: settings are chosen on the inner ones, what was chosen is judged on the outer ones. */
import type { ClassTarget } from "../../target.ts";
import type { RowsToSplit, Spans, Split, Splitter } from "./splitter.ts";

/** An outer split with the splits of its training rows; all row numbers are those of the whole. */
export interface NestedSplit extends Split {
  readonly inner: readonly Split[];
}

/** The splits of `outer`, the training rows of each split again by `inner`. */
export function* nestedSplits(
  outer: Splitter,
  inner: Splitter,
  rows: RowsToSplit,
): Generator<NestedSplit, void, undefined> {
  for (const { train, test } of outer.split(rows)) {
    const within = Array.from(inner.split(subsetOf(rows, train)), (split) => ({
      train: split.train.map((at) => train[at] ?? 0),
      test: split.test.map((at) => train[at] ?? 0),
    }));
    yield { train, test, inner: within };
  }
}

/** Some of the rows, with what is known of each. */
export function subsetOf({ target, groups, spans }: RowsToSplit, kept: Uint32Array): RowsToSplit {
  return {
    rows: kept.length,
    ...(target && { target: classesAt(target, kept) }),
    ...(groups && { groups: classesAt(groups, kept) }),
    ...(spans && { spans: spansAt(spans, kept) }),
  };
}

/** The classes of some rows. */
export function classesAt(values: ClassTarget, kept: Uint32Array): (string | number | boolean)[] {
  return Array.from(kept, (row) => values[row] ?? Number.NaN);
}

function spansAt({ starts, ends }: Spans, kept: Uint32Array): Spans {
  return {
    starts: Float64Array.from(kept, (row) => starts[row] ?? Number.NaN),
    ends: Float64Array.from(kept, (row) => ends[row] ?? Number.NaN),
  };
}
