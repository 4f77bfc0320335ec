/** @file Tables as artifacts: JSON as pandas writes it with `orient="split"`, which MLflow's pages show. */
import * as v from "valibot";
import type { TableSource } from "../data/table-source.ts";
import { InvalidInputError } from "../errors.ts";
import type { TableData } from "./run.ts";

const splitSchema = v.object({ columns: v.array(v.string()), data: v.array(v.array(v.unknown())) });
type Split = v.InferOutput<typeof splitSchema>;

/** Rows of a table of `tenon/data` that are logged, at most: an artifact of JSON is for looking at. */
const largestTable = 100_000;

/**
 * A table as the text of an artifact, its rows after those of the table that is there.
 * @throws {@link InvalidInputError} where columns differ in length, or there are too many rows
 */
export async function tableJson(data: TableData, before: string | undefined): Promise<string> {
  const added = await splitOf(data);
  return JSON.stringify(
    before === undefined ? added : joined(parseSplit(before), added),
    (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value),
  );
}

async function splitOf(data: TableData): Promise<Split> {
  if (isSource(data)) {
    const { rows, columns } = await data.database.query(`FROM (${data.sql}\n) LIMIT ${largestTable + 1}`);
    if (rows.length > largestTable)
      throw new InvalidInputError(
        `the table has more than ${largestTable} rows: log it as a file, by logArtifact, or a part of it`,
      );
    const names = columns.map(({ name }) => name);
    return { columns: names, data: rows.map((row) => names.map((name) => cellOf(Object(row)[name]))) };
  }
  if (isRows(data)) {
    const columns = [...new Set(data.flatMap((row) => Object.keys(row)))];
    return { columns, data: data.map((row) => columns.map((column) => cellOf(row[column]))) };
  }
  const columns = Object.keys(data);
  const lengths = columns.map((column) => data[column]?.length ?? 0);
  const length = lengths[0] ?? 0;
  const odd = lengths.findIndex((each) => each !== length);
  if (odd >= 0)
    throw new InvalidInputError(
      `the column "${columns[odd]}" has ${lengths[odd]} values and "${columns[0]}" has ${length}`,
    );
  return {
    columns,
    data: Array.from({ length }, (_, row) => columns.map((column) => cellOf(data[column]?.[row]))),
  };
}

function joined(before: Split, added: Split): Split {
  const columns = [...new Set([...before.columns, ...added.columns])];
  const rowsOf = (table: Split): unknown[][] => {
    const places = columns.map((column) => table.columns.indexOf(column));
    return table.data.map((row) => places.map((place) => row[place] ?? null));
  };
  return { columns, data: [...rowsOf(before), ...rowsOf(added)] };
}

function parseSplit(text: string): Split {
  try {
    return v.parse(splitSchema, JSON.parse(text));
  } catch (cause) {
    throw new InvalidInputError("the artifact of that name is no table: give the table another name", {
      cause,
    });
  }
}

/** As pandas: what is missing is null, times are ISO texts. */
function cellOf(value: unknown): unknown {
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) return null;
  return value;
}

function isSource(data: TableData): data is TableSource {
  return "database" in data && "sql" in data;
}

function isRows(data: TableData): data is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(data);
}
