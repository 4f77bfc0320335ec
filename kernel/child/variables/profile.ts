/** @file Statistics of a table's columns. Beyond {@link mostRows} rows, evenly spread ones are looked at. */
import * as v from "valibot";
import {
  largestPage,
  profileSchema,
  type ColumnProfile,
  type Filter,
  type Pageable,
  type Profile,
} from "../../protocol.ts";
import { isObject } from "../rich/safe-read.ts";
import { pageableOf, tableSource } from "../tables/find-table.ts";
import type { TableSource } from "../tables/table-source.ts";
import { isNull, sortKey, toCell } from "./json-cell.ts";
import { checkedRows } from "./page.ts";
import { rowOrder } from "./row-order.ts";
import { VariableError } from "./scope.ts";

const mostRows = 200_000;
const mostDistinct = 10_000;
const mostColumns = 100;
const bins = 20;
const topValues = 10;
const quantilePoints = [0.05, 0.25, 0.5, 0.75, 0.95];

/** The profile of the named columns, or of the first hundred. */
export function profileOf(
  value: unknown,
  columns: readonly string[] | undefined,
  filters: readonly Filter[],
): Profile | Promise<Profile> {
  if (!isObject(value)) throw new VariableError("this is no table");
  const pageable = pageableOf(value);
  if (pageable !== undefined) return profilePageable(pageable, columns, filters);
  const source = tableSource(value);
  if (source === undefined) throw new VariableError("this is no table");
  return profileSource(value, source, columns, filters);
}

function profileSource(
  value: object,
  source: TableSource,
  columns: readonly string[] | undefined,
  filters: readonly Filter[],
): Profile {
  const order = rowOrder(value, source, [], filters);
  const rowCount = order?.length ?? source.rowCount;
  const step = Math.max(1, Math.ceil(rowCount / mostRows));
  const wanted = columns ?? source.columns.map((column) => column.name);
  const profiles = wanted.slice(0, mostColumns).map((name) => {
    const index = source.columns.findIndex((column) => column.name === name);
    const column = source.columns[index];
    if (column === undefined) throw new VariableError(`there is no column "${name}"`);
    const read = source.reader(index);
    const values: unknown[] = [];
    for (let row = 0; row < rowCount; row += step)
      values.push(read(order === undefined ? row : (order[row] ?? 0)));
    return profileColumn(name, column.type, values);
  });
  return { columns: profiles, rowCount, sampled: step > 1 };
}

/** As the value gives it; without a profile of its own, its first thousand rows stand for the rest. */
async function profilePageable(
  pageable: Pageable,
  columns: readonly string[] | undefined,
  filters: readonly Filter[],
): Promise<Profile> {
  const names = (columns ?? pageable.columns.map((column) => column.name)).slice(0, mostColumns);
  if (pageable.profile !== undefined) {
    const parsed = v.safeParse(profileSchema, await pageable.profile({ columns: names, filters }));
    if (parsed.success) return parsed.output;
    throw new VariableError(`the value's "tenon.pageable" profile is wrong: ${v.summarize(parsed.issues)}`);
  }
  const page = checkedRows(await pageable.page({ offset: 0, limit: largestPage, sort: [], filters }));
  const profiles = names.map((name) => {
    const index = pageable.columns.findIndex((column) => column.name === name);
    const column = pageable.columns[index];
    if (column === undefined) throw new VariableError(`there is no column "${name}"`);
    return profileColumn(
      name,
      column.type,
      page.rows.map((row) => row[index]),
    );
  });
  return { columns: profiles, rowCount: page.rowCount, sampled: page.rowCount !== page.rows.length };
}

/** Statistics of one column's values. */
export function profileColumn(
  name: string,
  type: ColumnProfile["type"],
  values: readonly unknown[],
): ColumnProfile {
  const present = values.filter((value) => !isNull(value));
  const base = {
    name,
    type,
    count: values.length,
    nulls: values.length - present.length,
    ...frequencies(present),
  };
  if (present.length === 0) return base;
  if (type === "number" || type === "bigint" || type === "date") {
    const numbers = Float64Array.from(present, (value) => Number(sortKey(value))).filter(
      (value) => !Number.isNaN(value),
    );
    return numbers.length === 0 ? base : { ...base, ...numericProfile(numbers, type === "date") };
  }
  if (type === "string") {
    let min = String(present[0]);
    let max = min;
    for (const value of present) {
      const text = String(value);
      if (text < min) min = text;
      if (text > max) max = text;
    }
    return { ...base, min: toCell(min), max: toCell(max) };
  }
  return base;
}

function frequencies(values: readonly unknown[]): Pick<ColumnProfile, "distinct" | "top"> {
  const counts = new Map<unknown, { readonly value: unknown; count: number }>();
  for (const value of values) {
    const key = isObject(value) ? sortKey(value) : value;
    const entry = counts.get(key);
    if (entry !== undefined) entry.count += 1;
    else if (counts.size < mostDistinct) counts.set(key, { value, count: 1 });
    else return { distinct: null };
  }
  const top = [...counts.values()].sort((left, right) => right.count - left.count).slice(0, topValues);
  return {
    distinct: counts.size,
    ...(top.length > 0 && (top[0]?.count ?? 0) > 1
      ? { top: top.map((entry) => ({ value: toCell(entry.value), count: entry.count })) }
      : {}),
  };
}

function numericProfile(numbers: Float64Array, dates: boolean): Partial<ColumnProfile> {
  const sorted = numbers.sort();
  const min = sorted[0] ?? Number.NaN;
  const max = sorted.at(-1) ?? Number.NaN;
  const { mean, standardDeviation } = moments(sorted);
  const show = (value: number): ColumnProfile["min"] => toCell(dates ? new Date(value) : value);
  return {
    min: show(min),
    max: show(max),
    ...(dates || !Number.isFinite(mean)
      ? {}
      : { mean, ...(Number.isFinite(standardDeviation) ? { standardDeviation } : {}) }),
    quantiles: quantilePoints
      .map((q) => ({ q, value: quantile(sorted, q) }))
      .filter(({ value }) => Number.isFinite(value)),
    histogram: histogram(sorted),
  };
}

/** Mean and sample standard deviation by Welford's recurrence, which stays accurate for large offsets. */
function moments(values: Float64Array): { readonly mean: number; readonly standardDeviation: number } {
  let mean = 0;
  let squares = 0;
  let count = 0;
  for (const value of values) {
    count += 1;
    const delta = value - mean;
    mean += delta / count;
    squares += delta * (value - mean);
  }
  return { mean, standardDeviation: Math.sqrt(squares / (count - 1)) };
}

function quantile(sorted: Float64Array, q: number): number {
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below === above ? below : below + (above - below) * (position - Math.floor(position));
}

function histogram(sorted: Float64Array): { from: number; to: number; count: number }[] {
  const finite = sorted.filter(Number.isFinite);
  const from = finite[0];
  const to = finite.at(-1);
  if (from === undefined || to === undefined) return [];
  if (from === to) return [{ from, to, count: finite.length }];
  const width = to / bins - from / bins;
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of finite) {
    const bin = Math.min(bins - 1, Math.floor((value - from) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count, bin) => ({
    from: from + bin * width,
    to: bin === bins - 1 ? to : from + (bin + 1) * width,
    count,
  }));
}
