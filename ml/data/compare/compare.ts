/** @file `compare`: how two tables differ, in columns, values, distributions, and rows by key. */
import { examineColumns, type ProgressListener } from "../profile/examine-columns.ts";
import { defaultExactRows } from "../profile/profile.ts";
import { withWorkingTable, type WorkingTable } from "../profile/working-table.ts";
import type { TableSource } from "../table-source.ts";
import { columnSide, type ColumnPair, type ComparedSide } from "./compared-side.ts";
import { compareCategories, mostLevels } from "./compared-categories.ts";
import { compareNumbers } from "./compared-numbers.ts";
import type { ComparedColumn, ComparisonData, SchemaDifferences } from "./comparison-data.ts";
import { findDifferences } from "./comparison-findings.ts";
import { keyOverlap } from "./key-overlap.ts";
import { TableComparison } from "./table-comparison.ts";

/** How tables are compared. */
export interface CompareOptions {
  /** The columns that name a row; where given, rows are matched by them and their values compared. */
  readonly key?: string | readonly string[];
  /** What the tables are called; `a` and `b` where absent. */
  readonly names?: readonly [a: string, b: string];
  /** As in `profile`: up to so many rows everything is exact; 100,000 where absent. */
  readonly exactRows?: number;
  /** Told what is being computed, and how much of the whole is done, from 0 to 1. */
  readonly onProgress?: ProgressListener;
}

/**
 * Compares two tables: their columns, each column's values and distribution, and, by key, their rows. The first is the one
 * that is expected: the bins are its deciles. The tables may be in different databases, except where a key is given.
 * @throws {@link QueryError} where DuckDB cannot run a table's query
 * @throws {@link ComparisonError} where the key is not in both tables
 * @example
 * const difference = await compare(training, today, { key: "id" });
 * await difference.save("drift.html");
 */
export async function compare(
  a: TableSource,
  b: TableSource,
  options: CompareOptions = {},
): Promise<TableComparison> {
  const { exactRows = defaultExactRows, onProgress } = options;
  onProgress?.("reading the rows", 0);
  return await withWorkingTable(
    a,
    exactRows,
    async (first) =>
      await withWorkingTable(b, exactRows, async (second) => await compareTables(first, second, options)),
  );
}

async function compareTables(
  a: WorkingTable,
  b: WorkingTable,
  options: CompareOptions,
): Promise<TableComparison> {
  const { names = ["a", "b"], key, onProgress } = options;
  const first = await examineSide(a, (step, done) => onProgress?.(`${names[0]}: ${step}`, 0.2 + 0.3 * done));
  const second = await examineSide(b, (step, done) => onProgress?.(`${names[1]}: ${step}`, 0.5 + 0.3 * done));
  const pairs = commonColumns(first, second);
  onProgress?.("distributions", 0.8);
  const numbers = await compareNumbers(first, second, pairs.filter(areNumbers));
  const categories = await compareCategories(first, second, pairs.filter(areCategories));
  const columns = pairs.map((pair): ComparedColumn => {
    const distribution = numbers.get(pair.name) ?? categories.get(pair.name);
    return {
      name: pair.name,
      a: columnSide(pair.a, a.rows),
      b: columnSide(pair.b, b.rows),
      ...(distribution === undefined ? {} : { distribution }),
    };
  });
  onProgress?.("rows by key", 0.9);
  const keys = typeof key === "string" ? [key] : key;
  const overlap =
    keys === undefined || keys.length === 0 ? undefined : await keyOverlap(first, second, keys, pairs);
  const schema = schemaDifferences(first, second, pairs);
  const data: ComparisonData = {
    format: "tenon.comparison",
    version: 1,
    names,
    rows: [a.rows, b.rows],
    schema,
    columns,
    ...(overlap === undefined ? {} : { overlap }),
    findings: findDifferences(names, schema, columns, overlap),
  };
  onProgress?.("done", 1);
  return new TableComparison(data);
}

async function examineSide(table: WorkingTable, onProgress: ProgressListener): Promise<ComparedSide> {
  const { columns, ranges } = await examineColumns(table, () => [], onProgress);
  const known = columns.flatMap((profile, at) => {
    const range = ranges[at];
    return range === undefined ? [] : [[profile.name, { range, profile }] as const];
  });
  return { table, columns: new Map(known) };
}

function commonColumns(a: ComparedSide, b: ComparedSide): ColumnPair[] {
  return [...a.columns].flatMap(([name, column]) => {
    const other = b.columns.get(name);
    return other === undefined ? [] : [{ name, a: column, b: other }];
  });
}

function schemaDifferences(
  a: ComparedSide,
  b: ComparedSide,
  pairs: readonly ColumnPair[],
): SchemaDifferences {
  const only = (one: ComparedSide, other: ComparedSide) =>
    [...one.columns.values()]
      .filter(({ profile }) => !other.columns.has(profile.name))
      .map(({ profile }) => ({ name: profile.name, type: profile.type }));
  const order = [...b.columns.keys()].filter((name) => a.columns.has(name));
  return {
    onlyA: only(a, b),
    onlyB: only(b, a),
    typeChanges: pairs
      .filter((pair) => pair.a.profile.type !== pair.b.profile.type)
      .map((pair) => ({ name: pair.name, a: pair.a.profile.type, b: pair.b.profile.type })),
    reordered: pairs.some(({ name }, at) => name !== order[at]),
  };
}

function areNumbers({ a, b }: ColumnPair): boolean {
  const [first, second] = [a.range.column.kind, b.range.column.kind];
  return (
    first === second && (first === "number" || first === "date") && a.range.finite > 0 && b.range.finite > 0
  );
}

function areCategories({ a, b }: ColumnPair): boolean {
  const [first, second] = [a.range.column.kind, b.range.column.kind];
  const few = [a, b].every(({ profile, range }) => range.present > 0 && profile.distinct.count <= mostLevels);
  return first === second && (first === "text" || first === "boolean") && few;
}
