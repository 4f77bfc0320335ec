/**
 * @file DBSCAN: groups of rows that lie dense (Ester, Kriegel, Sander and Xu, "A density-based algorithm for discovering
 * clusters in large spatial databases with noise", 1996).
 *
 * It groups the rows that it is given and has no rule for others: its result is no `ClusteringModel`, can't predict and
 * is no ONNX model.
 */
import * as v from "valibot";
import { arrayJson, arraySchema } from "../array-json.ts";
import { checkMatrix, type DenseMatrix } from "../dense-matrix.ts";
import { reducedOf, requireMetric, rowsFor, type Metric } from "../distances/metric.ts";
import { PlaceList } from "../distances/place-list.ts";
import { rowSearch } from "../distances/row-search.ts";
import { InvalidInputError } from "../errors.ts";
import type { Estimator, FitOptions, FittedModel, FittedModelJson } from "../estimator.ts";
import { observedEstimator } from "../fit-observer.ts";
import { modelParts } from "../model-json.ts";
import { rowWeights } from "../row-weights.ts";
import { requireCount, requirePositive } from "../settings.ts";
import { Turns } from "../turns.ts";

/** The name in the estimator and in the JSON. */
export const dbscanKind = "dbscan";

/** How {@link dbscan} finds groups. */
export interface DbscanSettings {
  /** Rows at most so far apart are neighbours; 0.5. */
  readonly eps: number;
  /** The weight of a row's neighbours, itself among them, from which on it lies dense; 5. */
  readonly minSamples: number;
  /** How distances are measured; "euclidean". */
  readonly metric: Metric;
}

/** DBSCAN as it is to be done. */
export interface Dbscan extends Estimator<DbscanSettings> {
  /**
   * Groups rows.
   * @throws {@link InvalidInputError} for no rows and for numbers that aren't finite
   */
  fit(rows: DenseMatrix, options?: FitOptions): Promise<DbscanGroups>;
}

/**
 * DBSCAN, as scikit-learn's: rows with many neighbours and what is near them are a group, the rest is noise. Scale the
 * columns before, unless their units are the same.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function dbscan({
  eps = 0.5,
  minSamples = 5,
  metric = "euclidean",
}: Partial<DbscanSettings> = {}): Dbscan {
  requirePositive("eps", eps);
  requireCount("minSamples", minSamples);
  requireMetric(metric);
  const settings = { eps, minSamples, metric };
  return observedEstimator({
    kind: dbscanKind,
    settings,
    with: (changes) => dbscan({ ...settings, ...changes }),
    fit: async (rows, { weights, signal } = {}) => {
      const turns = new Turns(signal);
      checkMatrix(rows);
      const { labels, coreRows } = await group(rows, settings, rowWeights(weights, rows.rows), turns);
      return new DbscanGroups([...rows.columns], labels, coreRows);
    },
  });
}

/** The schema of {@link DbscanGroups} in JSON. */
export const dbscanSchema = v.object({
  ...modelParts,
  kind: v.literal(dbscanKind),
  labels: arraySchema("int32"),
  coreRows: arraySchema("int32"),
});

/** The groups of the rows that were given; there is no rule for others. */
export class DbscanGroups implements FittedModel {
  readonly kind = dbscanKind;
  readonly featureNames: readonly string[];
  /** The group of each row, from 0; -1 is noise. */
  readonly labels: Int32Array;
  /** The rows that lie dense, in ascending order. */
  readonly coreRows: Int32Array;
  /** How many groups there are. */
  readonly clusters: number;

  /**
   * @internal Use a `fit`, or `loadClusters`.
   * @throws {@link InvalidInputError} where labels or rows are not those of groups
   */
  constructor(featureNames: readonly string[], labels: Int32Array, coreRows: Int32Array) {
    this.featureNames = featureNames;
    this.labels = labels;
    this.coreRows = coreRows;
    this.clusters = 1 + labels.reduce((most, label) => Math.max(most, label), -1);
    if (
      labels.some((label) => label < -1 || label >= labels.length) ||
      coreRows.some((row, at) => row >= labels.length || row <= (coreRows[at - 1] ?? -1))
    )
      throw new InvalidInputError("these are no groups: labels and rows don't fit together");
  }

  toJSON(): FittedModelJson {
    return {
      version: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      labels: arrayJson("int32", this.labels),
      coreRows: arrayJson("int32", this.coreRows),
    };
  }
}

/**
 * One pass over each row's neighbours, which are not kept: of a pair of rows the later one joins both, as then it is known
 * whether they lie dense. Groups are numbered by their first dense row; a row at the edge of several belongs to the first.
 */
async function group(
  matrix: DenseMatrix,
  { eps, minSamples, metric }: DbscanSettings,
  weights: Float64Array | undefined,
  turns: Turns,
): Promise<{ readonly labels: Int32Array; readonly coreRows: Int32Array }> {
  const count = matrix.rows;
  const rows = rowsFor(metric, matrix);
  const search = rowSearch(rows, count, matrix.columns.length, metric);
  const isCore = new Uint8Array(count);
  const joined = new JoinedRows(count);
  /** Pairs of a row at an edge and a dense one. */
  const edges = new PlaceList();
  await search.within(rows, count, reducedOf(metric, eps), turns, (row, places, found) => {
    let density = weights ? 0 : found;
    if (weights) for (let at = 0; at < found; at++) density += weights[places[at] ?? 0] ?? 0;
    const isDense = density >= minSamples;
    isCore[row] = Number(isDense);
    for (let at = 0; at < found; at++) {
      const near = places[at] ?? 0;
      if (near >= row) continue;
      const isNearDense = isCore[near] === 1;
      if (isDense && isNearDense) joined.join(row, near);
      else if (isDense || isNearDense) {
        edges.push(isDense ? near : row);
        edges.push(isDense ? row : near);
      }
    }
  });
  const labels = new Int32Array(count).fill(-1);
  let clusters = 0;
  const coreRows = Int32Array.from(isCore.keys()).filter((row) => isCore[row] === 1);
  for (const row of coreRows) {
    const first = joined.firstOf(row);
    labels[row] = first === row ? clusters++ : (labels[first] ?? 0);
  }
  for (let at = 0; at < edges.length; at += 2) {
    const row = edges.places[at] ?? 0;
    const label = labels[edges.places[at + 1] ?? 0] ?? 0;
    if ((labels[row] ?? -1) < 0 || label < (labels[row] ?? 0)) labels[row] = label;
  }
  return { labels, coreRows };
}

/** Rows in sets that are joined; each set is known by its first row. */
class JoinedRows {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, row) => row);
  }

  /** The first row of a row's set. */
  firstOf(row: number): number {
    const parents = this.#parents;
    let first = row;
    for (let parent = parents[first] ?? 0; parent !== first; parent = parents[first] ?? 0) {
      parents[first] = parents[parent] ?? 0;
      first = parents[first] ?? 0;
    }
    return first;
  }

  join(a: number, b: number): void {
    const [first, second] = [this.firstOf(a), this.firstOf(b)];
    this.#parents[Math.max(first, second)] = Math.min(first, second);
  }
}
