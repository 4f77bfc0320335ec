/** @file All kinds of expectations, by Great Expectations' names. */
import { nearName } from "../../near-name.ts";
import type { Kind } from "../expectation.ts";
import { columnDivergence } from "./column-divergence.ts";
import { columnOrder } from "./column-order.ts";
import { columnOutliers } from "./column-outliers.ts";
import { columnPairs } from "./column-pairs.ts";
import { columnPatterns } from "./column-patterns.ts";
import { columnSets } from "./column-sets.ts";
import { columnStatistics } from "./column-statistics.ts";
import { columnValues } from "./column-values.ts";
import { multicolumn } from "./multicolumn.ts";
import { tableShape } from "./table-shape.ts";

const kinds = {
  ...tableShape,
  ...columnValues,
  ...columnPatterns,
  ...columnOrder,
  ...columnOutliers,
  ...columnStatistics,
  ...columnSets,
  ...columnDivergence,
  ...columnPairs,
  ...multicolumn,
};

/** The name of a kind of expectation. */
export type ExpectationType = keyof typeof kinds;

const byName: ReadonlyMap<string, Kind> = new Map(Object.entries(kinds));

/** The names of all kinds. */
export const expectationTypes: readonly string[] = [...byName.keys()];

/** The kind of that name; undefined where there is none. */
export function findKind(type: string): Kind | undefined {
  return byName.get(type);
}

/** Why there is no kind of that name, with the likely one. */
export function unknownKind(type: string): string {
  const near = nearName(type, expectationTypes);
  return `there is no expectation "${type}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
}
