/** @file A table that is larger than memory: a file whose columns would take gigabytes is aggregated within a limit. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { openDatabase } from "../../ml/data/index.ts";
import { runCommand } from "../support/run-command.ts";

const outcome = v.object({ answers: v.record(v.string(), v.number()), peak: v.number() });

const groups = 100;
/** Values repeat in runs of so many rows: the file is small, what it holds isn't. */
const run = 4096;
const columns = 7;

/** What an aggregation took. */
export interface TableMemory {
  readonly rows: number;
  /** Bytes of the columns, 8 a value. */
  readonly bytes: number;
  /** Bytes that the process held at most. */
  readonly peak: number;
}

/**
 * Aggregates 409,600 rows for each of `values` values (1000 of them make 23 GB) in a process of its own. Throws where a sum is
 * wrong, or where the process held more than `limit` bytes.
 * @param memoryLimit what DuckDB may hold
 */
export async function checkTables(values: number, memoryLimit: string, limit: number): Promise<TableMemory> {
  const rows = groups * run * values;
  const folder = mkdtempSync(join(tmpdir(), "tenon-soak-"));
  try {
    const file = join(folder, "large.parquet");
    await make(file, rows, values);
    const child = join(import.meta.dirname, "tables-child.ts");
    const { stdout } = await runCommand(process.execPath, ["--import", "tsx", child, file, memoryLimit]);
    const { answers, peak } = v.parse(outcome, JSON.parse(stdout));
    const average = (values - 1) / 2;
    assert.deepEqual(answers, {
      groups,
      rows,
      a: rows * average,
      b: 2 * rows * average,
      c: (rows * average) / 2,
      d: 3 * (values - 1),
      e: rows * average + rows,
      f: rows,
    });
    assert.ok(peak <= limit, `${(peak / 2 ** 20).toFixed(0)} MiB were held, more than ${limit / 2 ** 20}`);
    return { rows, bytes: rows * columns * 8, peak };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function make(file: string, rows: number, values: number): Promise<void> {
  using database = await openDatabase({ memoryLimit: "1GB" });
  const value = `(i // ${run}) % ${values}`;
  const table = await database.table(
    `SELECT i % ${groups} AS k, ${value} AS a, 2 * (${value}) AS b, (${value}) / 2 AS c, 3 * (${value}) AS d,
            (${value}) + 1 AS e, 1::BIGINT AS f FROM range(${rows}) t(i)`,
  );
  assert.equal(await table.writeParquet(file), rows);
}
