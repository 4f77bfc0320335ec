/** @file What finds the rows that are near others, in whichever way is fastest for their columns. */
import type { Turns } from "../turns.ts";
import { EveryPair } from "./every-pair.ts";
import { KdTree } from "./kd-tree.ts";
import type { Metric } from "./metric.ts";

/** Rows found near each query. */
export interface Nearest {
  /** `k` for each query, nearest first; of equally near ones the first row first. */
  readonly places: Int32Array;
  /** Their reduced distances. */
  readonly distances: Float64Array;
}

/** What is called with the rows near a query. */
export type VisitNear = (query: number, places: Int32Array, found: number) => void;

/** Rows that can be searched. All distances are reduced (see `metric.ts`), queries are as `rowsFor` makes them. */
export interface RowSearch {
  /** The `k` rows nearest to each of `count` queries; `k` is at most the number of rows. */
  nearest(queries: Float64Array, count: number, k: number, turns: Turns): Promise<Nearest>;
  /**
   * Calls back for each of `count` queries, in their order, with the rows at most so far away, in any order: the first
   * `found` of `places`, which is written anew after the call.
   */
  within(queries: Float64Array, count: number, radius: number, turns: Turns, visit: VisitNear): Promise<void>;
}

/** With more columns a tree would look at most rows after all. */
const mostTreeColumns = 8;
/** Fewer rows are compared before a tree is built. */
const fewRows = 256;

/** A search of `count` rows of `width` numbers, made by `rowsFor`, which must not change any more. */
export function rowSearch(rows: Float64Array, count: number, width: number, metric: Metric): RowSearch {
  return width <= mostTreeColumns && count >= fewRows
    ? new KdTree(rows, count, width, metric === "manhattan")
    : new EveryPair(rows, count, width, metric === "manhattan");
}
