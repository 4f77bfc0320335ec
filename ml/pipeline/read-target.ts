/** @file A column of a table as a target: texts, truth values, or numbers. */
import { columnType, type ColumnType } from "../data/column-types.ts";
import { keepRows } from "../data/kept-rows.ts";
import { nearName } from "../data/near-name.ts";
import { identifier } from "../data/relation-sql.ts";
import { Table } from "../data/table.ts";
import type { TableSource } from "../data/table-source.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type { FittedFeatures } from "../features/index.ts";
import type { ClassTarget } from "../target.ts";

/**
 * The type of a column that is to be predicted.
 * @throws {@link InvalidInputError} where there is none of the name
 */
export function targetType({ columns }: TableSource, name: string): ColumnType {
  const found = columns.find((column) => column.name === name);
  if (found) return columnType(found.type);
  const names = columns.map((column) => column.name);
  const near = nearName(name, names);
  throw new InvalidInputError(
    `there is no column "${name}"; ${near === undefined ? `there are: ${names.join(", ")}` : `did you mean "${near}"?`}`,
  );
}

/** Numbers that stand for truth values become these again. */
export function asClasses(target: ClassTarget, type: ColumnType): ClassTarget {
  return type === "boolean" ? Array.from(target, (value) => Number(value) === 1) : target;
}

/**
 * A column's values in the order of the rows.
 * @throws {@link InvalidInputError} where there is no such column, or a row has no value
 */
export async function readTarget(table: Table, name: string): Promise<ClassTarget> {
  const type = targetType(table, name);
  const isText = type === "string" || type === "uuid" || type === "json";
  const native = isText ? "VARCHAR" : "DOUBLE";
  const { value } = await new Table<{ value: "string" | "float64" }>({
    database: table.database,
    sql: `SELECT ${identifier(name)}::${native} AS value FROM (${table.sql}\n)`,
    columns: [{ name: "value", type: native }],
    files: table.files,
    isOrdered: table.isOrdered,
  }).arrays();
  const values: ClassTarget = value;
  const missing = values.findIndex((each) => Number.isNaN(each));
  if (missing >= 0)
    throw new InvalidInputError(`column "${name}" has no value in row ${missing}: filter such rows out`);
  return asClasses(values, type);
}

/**
 * The features and the target of a table's rows, in one order.
 * @throws {@link InvalidInputError} as {@link readTarget} and `FittedFeatures.transform`
 */
export async function labelledRows(
  features: FittedFeatures,
  table: TableSource,
  name: string,
): Promise<{ readonly rows: DenseMatrix; readonly target: ClassTarget }> {
  await using kept = await keepRows(table);
  return { rows: await features.transform(kept.all), target: await readTarget(kept.all, name) };
}
