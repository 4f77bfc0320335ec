/**
 * @file Which rows of a table a sorted and filtered view has, in which order.
 *
 * Orders are kept weakly per value, a few for each, until {@link forgetOrders} is called (after each cell: the value
 * may have changed) or the number of rows changes.
 */
import type { Filter, Operand, Sort } from "../../protocol.ts";
import { previewValue } from "../rich/preview.ts";
import type { TableSource } from "../tables/table-source.ts";
import { compareKeys, isNull, operandKey, sortKey, type SortKey } from "./json-cell.ts";
import { orderByKeys } from "./radix-order.ts";
import { VariableError } from "./scope.ts";

const keptPerValue = 4;

interface KeptOrder {
  readonly key: string;
  readonly rowCount: number;
  readonly rows: Uint32Array;
}

let kept = new WeakMap<object, KeptOrder[]>();

/** Drops all orders; values may have changed. */
export function forgetOrders(): void {
  kept = new WeakMap();
}

/** The rows of the view; undefined where it is the whole table in its own order. */
export function rowOrder(
  value: object,
  source: TableSource,
  sort: readonly Sort[],
  filters: readonly Filter[],
): Uint32Array | undefined {
  if (sort.length === 0 && filters.length === 0) return undefined;
  const key = JSON.stringify([sort, filters]);
  const orders = kept.get(value) ?? [];
  const found = orders.find((order) => order.key === key && order.rowCount === source.rowCount);
  if (found !== undefined) return found.rows;
  const rows = sortedRows(source, filteredRows(source, filters), sort);
  kept.set(value, [{ key, rowCount: source.rowCount, rows }, ...orders].slice(0, keptPerValue));
  return rows;
}

/** A column's reader by its name. */
export function readerOf(source: TableSource, name: string): (row: number) => unknown {
  const column = source.columns.findIndex((candidate) => candidate.name === name);
  if (column < 0) throw new VariableError(`there is no column "${name}"`);
  return source.reader(column);
}

function filteredRows(source: TableSource, filters: readonly Filter[]): Uint32Array {
  const tests = filters.map((filter) => {
    const read = readerOf(source, filter.column);
    const matches = matcher(filter);
    return (row: number): boolean => matches(read(row));
  });
  const rows = new Uint32Array(source.rowCount);
  let count = 0;
  for (let row = 0; row < source.rowCount; row += 1) {
    if (tests.every((test) => test(row))) {
      rows[count] = row;
      count += 1;
    }
  }
  return count === rows.length ? rows : rows.slice(0, count);
}

/** Whether a value passes a filter. */
export function matcher(filter: Filter): (value: unknown) => boolean {
  switch (filter.op) {
    case "is-null":
      return isNull;
    case "is-not-null":
      return (value) => !isNull(value);
    case "contains": {
      const needle = filter.value.toLowerCase();
      return (value) => !isNull(value) && textOf(value).toLowerCase().includes(needle);
    }
    case "one-of":
      return (value) => !isNull(value) && filter.values.some((operand) => compare(value, operand) === 0);
    case "!=":
      return (value) => isNull(value) || compare(value, filter.value) !== 0;
    default:
      return comparison(filter.op, filter.value);
  }
}

function comparison(op: "=" | "<" | "<=" | ">" | ">=", operand: Operand): (value: unknown) => boolean {
  const holds = {
    "=": (order: number) => order === 0,
    "<": (order: number) => order < 0,
    "<=": (order: number) => order <= 0,
    ">": (order: number) => order > 0,
    ">=": (order: number) => order >= 0,
  }[op];
  return (value) => {
    if (isNull(value)) return false;
    const order = compare(value, operand);
    return order !== undefined && holds(order);
  };
}

/** Undefined where the two can't be compared, as a number with a word. */
function compare(value: unknown, operand: Operand): number | undefined {
  const key = operandKey(operand, value);
  return key === undefined ? undefined : compareKeys(sortKey(value), key);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : previewValue(value);
}

function sortedRows(source: TableSource, rows: Uint32Array, sort: readonly Sort[]): Uint32Array {
  // Each order is stable, so the last column goes first.
  return sort.toReversed().reduce((ordered, { column, descending }) => {
    const keys = numericKeys(readerOf(source, column), rows, source.rowCount);
    return orderByKeys(ordered, keys, descending);
  }, rows);
}

/** A number for each row that orders as the column's values do; NaN for nulls. Values other than numbers are ranked. */
function numericKeys(read: (row: number) => unknown, rows: Uint32Array, rowCount: number): Float64Array {
  const numbers = new Float64Array(rowCount);
  for (const row of rows) {
    const value = read(row);
    const key = isNull(value) ? Number.NaN : sortKey(value);
    if (typeof key !== "number") return rankedKeys(read, rows, rowCount);
    numbers[row] = key;
  }
  return numbers;
}

function rankedKeys(read: (row: number) => unknown, rows: Uint32Array, rowCount: number): Float64Array {
  const keys: (SortKey | undefined)[] = Array.from({ length: rowCount });
  const distinct = new Set<SortKey>();
  for (const row of rows) {
    const value = read(row);
    if (isNull(value)) continue;
    const key = sortKey(value);
    keys[row] = key;
    distinct.add(key);
  }
  const ranks = new Map([...distinct].sort(compareKeys).map((key, rank) => [key, rank]));
  return Float64Array.from(keys, (key) => (key === undefined ? Number.NaN : (ranks.get(key) ?? Number.NaN)));
}
