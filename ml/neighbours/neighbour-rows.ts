/**
 * @file The rows that a model of neighbours was fitted on, and how it finds and weighs those near others.
 *
 * As a tensor program all distances of a batch from all rows are computed, in doubles: its memory is as large as both
 * multiplied.
 */
import * as v from "valibot";
import { arrayJson, arraySchema } from "../array-json.ts";
import { checkMatrix, type DenseMatrix } from "../dense-matrix.ts";
import { distanceOf, metrics, requireMetric, rowsFor, type Metric } from "../distances/metric.ts";
import { rowSearch, type RowSearch } from "../distances/row-search.ts";
import { InvalidInputError } from "../errors.ts";
import { fromData } from "../graph/create.ts";
import { where } from "../graph/functions/elementwise.ts";
import { take } from "../graph/functions/indexing.ts";
import { topK } from "../graph/functions/reductions.ts";
import { scan } from "../graph/functions/scan.ts";
import type { Tensor } from "../graph/tensor.ts";
import { finiteNumbers } from "../model-json.ts";
import { checkNewRows } from "../new-rows.ts";
import { requireCount } from "../settings.ts";
import { Turns } from "../turns.ts";

/** How neighbours count. */
export interface NeighbourSettings {
  /** How many rows each prediction is made of; 5. */
  readonly nNeighbors: number;
  /** Whether all count the same or as one over their distance, equal rows alone where there are some; "uniform". */
  readonly weights: "uniform" | "distance";
  /** How distances are measured; "euclidean". */
  readonly metric: Metric;
}

/** One over this distance, or over a smaller one, is infinite: such rows are equal. */
const noDistance = 2 ** -1024;

/** The settings with their defaults. Throws {@link InvalidInputError} for what they can't be. */
export function neighbourSettings({
  nNeighbors = 5,
  weights = "uniform",
  metric = "euclidean",
}: Partial<NeighbourSettings>): NeighbourSettings {
  requireCount("nNeighbors", nNeighbors);
  requireMetric(metric);
  if (weights !== "uniform" && weights !== "distance")
    throw new InvalidInputError(`weights must be uniform or distance, not ${String(weights)}`);
  return { nNeighbors, weights, metric };
}

/** What is found for rows: `nNeighbors` places of fitted rows for each, and how much each counts. */
export interface WeighedNeighbours {
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

/** As {@link WeighedNeighbours} in a tensor program: `[rows, nNeighbors]` both. */
export interface NeighbourTensors {
  readonly places: Tensor<readonly ["rows", number], "int64">;
  readonly weights: Tensor<readonly ["rows", number], "float64">;
}

/** The schema of {@link NeighbourRows.parameters}. */
export const neighbourSchema = v.object({
  nNeighbors: v.pipe(v.number(), v.integer(), v.minValue(1)),
  weights: v.picklist(["uniform", "distance"]),
  metric: v.picklist(metrics),
  /** One after the other; of length 1 each for the cosine distance. */
  rows: finiteNumbers(arraySchema("float64")),
});

/** See the file's header. */
export class NeighbourRows {
  readonly featureNames: readonly string[];
  readonly settings: NeighbourSettings;
  /** How many rows there are. */
  readonly count: number;
  readonly #rows: Float64Array;
  #search: RowSearch | undefined;

  /**
   * @param rows as `rowsFor` makes them
   * @throws {@link InvalidInputError} where there are fewer than neighbours
   */
  constructor(featureNames: readonly string[], settings: NeighbourSettings, rows: Float64Array) {
    this.featureNames = featureNames;
    this.settings = settings;
    this.#rows = rows;
    this.count = rows.length / featureNames.length;
    if (!Number.isInteger(this.count))
      throw new InvalidInputError(`${rows.length} numbers are no rows of ${featureNames.length} columns`);
    if (this.count < settings.nNeighbors)
      throw new InvalidInputError(
        `nNeighbors is ${settings.nNeighbors} and there are ${this.count} rows: there must be as many`,
      );
  }

  /** Keeps a matrix's rows. */
  static of(settings: NeighbourSettings, matrix: DenseMatrix): NeighbourRows {
    checkMatrix(matrix);
    return new NeighbourRows([...matrix.columns], settings, rowsFor(settings.metric, matrix));
  }

  /**
   * The neighbours of new rows, nearest first.
   * @throws {@link InvalidInputError} for other columns than were fitted and numbers that aren't finite
   */
  async find(matrix: DenseMatrix): Promise<WeighedNeighbours> {
    checkNewRows(matrix, this.featureNames);
    const { nNeighbors: k, weights, metric } = this.settings;
    const width = this.featureNames.length;
    this.#search ??= rowSearch(this.#rows, this.count, width, metric);
    const queries = rowsFor(metric, matrix);
    const { places, distances } = await this.#search.nearest(queries, matrix.rows, k, new Turns());
    if (weights === "uniform") return { places, weights: distances.fill(1) };
    for (let start = 0; start < distances.length; start += k) {
      // The nearest is first: where its distance is 0 only such count.
      const isEqual = distanceOf(metric, distances[start] ?? 0) <= noDistance;
      for (let at = start; at < start + k; at++) {
        const distance = distanceOf(metric, distances[at] ?? 0);
        distances[at] = isEqual ? Number(distance <= noDistance) : 1 / distance;
      }
    }
    return { places, weights: distances };
  }

  /** The neighbours of a batch as a tensor program. */
  trace(features: Tensor<readonly ["rows", number], "float32">): NeighbourTensors {
    const { nNeighbors: k, weights, metric } = this.settings;
    const width = this.featureNames.length;
    const given = features.cast("float64");
    const queries = metric === "cosine" ? given.div(given.square().sum(1, { keepAxes: true }).sqrt()) : given;
    const rows = fromData("float64", this.#rows, [this.count, width]);
    const all =
      metric === "manhattan"
        ? manhattanDistances(queries, rows)
        : squaredDistances(queries, this.#rows, width);
    const places = nearestPlaces(all, k);
    if (weights === "uniform") return { places, weights: places.cast("float64").mul(0).add(1) };
    // Anew from the differences, so that equal rows have distance 0 exactly.
    const differences = between(queries, take(rows, places));
    const reduced: Doubles = metric === "manhattan" ? differences.abs().sum(2) : differences.square().sum(2);
    const distances =
      metric === "euclidean" ? reduced.sqrt() : metric === "cosine" ? reduced.div(2) : reduced;
    const isZero = distances.lessOrEqual(noDistance);
    const inverse = where(isZero, 1, distances).pow(-1);
    return { places, weights: where(isZero.any(1, { keepAxes: true }), isZero.cast("float64"), inverse) };
  }

  /** What the model's JSON has of it. */
  parameters(): Readonly<Record<string, unknown>> {
    return { ...this.settings, rows: arrayJson("float64", this.#rows) };
  }
}

type Doubles = Tensor<readonly ["rows", number], "float64">;

/** The places of the smallest numbers of each row. */
function nearestPlaces(all: Doubles, k: number): Tensor<readonly ["rows", number], "int64"> {
  const { positions }: { readonly positions: Tensor } = topK(all, k, { axis: 1, largest: false });
  return positions;
}

/** The differences of queries and rows taken for each. */
function between(queries: Tensor, taken: Tensor): Tensor<readonly ["rows", number, number], "float64"> {
  return queries.unsqueeze(1).sub(taken);
}

/** The squared distances of queries and rows, by the product of both. */
function squaredDistances(queries: Doubles, rows: Float64Array, width: number): Doubles {
  const count = rows.length / width;
  const squares = Float64Array.from({ length: count }, (_, row) =>
    rows.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + value * value, 0),
  );
  const products = queries.matmul(fromData("float64", rows, [count, width]).transpose());
  return queries
    .square()
    .sum(1, { keepAxes: true })
    .sub(products.mul(2))
    .add(fromData("float64", squares, [1, count]));
}

/** The sums of absolute differences, column by column, so that no array is larger than the result. */
function manhattanDistances(queries: Doubles, rows: Tensor<readonly [number, number], "float64">): Doubles {
  const [count] = rows.shape;
  const none = queries.slice(null, [0, 1]).mul(fromData("float64", new Float64Array(count), [1, count]));
  const [sums] = scan(
    none,
    { query: queries.transpose(), row: rows.transpose() },
    (sum: Tensor, { query, row }) => [sum.add(query.unsqueeze(1).sub(row.unsqueeze(0)).abs()), {}],
  );
  return sums;
}
