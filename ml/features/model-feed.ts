/** @file A table's rows as what a model that takes raw columns is fed with. */
import { identifier } from "../data/relation-sql.ts";
import { Table } from "../data/table.ts";
import type { TableSource } from "../data/table-source.ts";
import type { TensorData } from "../graph/runtime/tensor-data.ts";
import { columnTensor } from "./column-tensor.ts";
import { checkedExpression, presentInput, type InputColumn } from "./input-columns.ts";
import { readableErrors } from "./readable-errors.ts";

/**
 * The columns of a table's rows, each `[rows, 1]` of the input's type; see `FittedFeatures.feed`.
 * @throws {@link InvalidInputError} for a column that is missing, of another kind, or misses a value that it must have
 */
export async function feedOf(
  table: TableSource,
  inputs: readonly InputColumn[],
): Promise<Record<string, TensorData>> {
  const expressions = inputs.map((input, at) => {
    const type = input.dtype === "string" ? "VARCHAR" : "DOUBLE";
    return `(${checkedExpression(presentInput(table.columns, input))})::${type} AS ${identifier(`c${at}`)}`;
  });
  const query = new Table({
    database: table.database,
    sql: `SELECT ${expressions.join(", ")} FROM (${table.sql}\n)`,
    columns: inputs.map(({ dtype }, at) => ({
      name: `c${at}`,
      type: dtype === "string" ? "VARCHAR" : "DOUBLE",
    })),
    files: table instanceof Table ? table.files : [],
    isOrdered: true,
  });
  const read: Readonly<Record<string, ArrayBufferView | readonly unknown[]>> = await readableErrors(
    async () => await query.arrays(),
  );
  return Object.fromEntries(
    inputs.map(({ name, dtype }, at) => {
      const column = read[`c${at}`];
      const rows = column instanceof Float64Array || Array.isArray(column) ? column.length : 0;
      return [name, columnTensor(column, dtype, 0, rows)];
    }),
  );
}
