/** @file The tables of `test/reference/profile.json` in DuckDB, and small tables written down as rows. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { type Database } from "../../../ml/data/database.ts";
import { sqlText } from "../../../ml/data/sql-text.ts";
import { identifier } from "../../../ml/data/relation-sql.ts";
import { tableSource, type TableSource } from "../../../ml/data/table-source.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const matrix = v.array(v.array(v.nullable(v.number())));
const table = v.record(v.string(), v.array(v.nullable(v.union([v.number(), v.string(), v.boolean()]))));
const compared = { name: v.string(), counts: v.array(numbers), psi: v.number(), jensenShannon: v.number() };

/** What pandas, NumPy and SciPy say of the tables. */
export const reference = readReference(
  "profile",
  v.object({
    table,
    numbers: v.array(
      v.object({
        name: v.string(),
        missing: v.number(),
        distinct: v.number(),
        min: v.number(),
        max: v.number(),
        mean: v.number(),
        standardDeviation: v.number(),
        skewness: v.nullable(v.number()),
        kurtosis: v.nullable(v.number()),
        quantiles: numbers,
        histogram: numbers,
        edges: numbers,
        outliers: v.number(),
        zeros: v.number(),
      }),
    ),
    categories: v.array(
      v.object({
        name: v.string(),
        missing: v.number(),
        distinct: v.number(),
        top: v.array(v.tuple([v.union([v.string(), v.boolean()]), v.number()])),
      }),
    ),
    varied: v.array(v.string()),
    pearson: matrix,
    spearman: matrix,
    categoryNames: v.array(v.string()),
    cramersV: matrix,
    correlationRatio: matrix,
    patterns: v.array(v.object({ columns: v.array(v.string()), rows: v.number() })),
    completeRows: v.number(),
    duplicateRows: v.number(),
    repeated: numbers,
    other: table,
    comparedNumbers: v.array(v.object({ ...compared, cuts: numbers, ks: v.number(), pValue: v.number() })),
    comparedCategories: v.array(
      v.object({
        ...compared,
        levels: v.array(v.string()),
        chiSquare: v.number(),
        degreesOfFreedom: v.number(),
        pValue: v.number(),
      }),
    ),
    chiSquareTails: v.array(v.tuple([v.number(), v.number(), v.number()])),
    kolmogorovTails: v.array(v.tuple([v.number(), v.number()])),
  }),
);

/** Puts columns into a table of the database. */
export async function writeTable(
  database: Database,
  name: string,
  columns: v.InferOutput<typeof table>,
): Promise<TableSource> {
  const folder = await mkdtemp(join(tmpdir(), "tenon-table-"));
  try {
    const [first = []] = Object.values(columns);
    const rows = first.map((_, row) =>
      JSON.stringify(Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, values[row]]))),
    );
    const file = join(folder, "rows.ndjson");
    await writeFile(file, rows.join("\n"));
    await database.run(
      `CREATE TABLE ${identifier(name)} AS FROM read_json(${sqlText(file)}, format = 'newline_delimited')`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return await tableSource(database, `FROM ${identifier(name)}`);
}

/** Data with its numbers to six decimals: sums in another order, by other threads, are rounded otherwise. */
export function rounded(data: unknown): unknown {
  return JSON.parse(
    JSON.stringify(data, (_, value: unknown) =>
      typeof value === "number" ? Number(value.toFixed(6)) + 0 : value,
    ),
  );
}
