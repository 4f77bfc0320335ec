/** @file A first suite for a table: what holds for it now, to be read and loosened by a person. */
import type { Table } from "../../table.ts";
import type { TableSource } from "../../table-source.ts";
import type { ColumnType, TableColumns } from "../../column-types.ts";
import type { Expectation } from "../expectation.ts";
import { isNumeric } from "../sql-values.ts";
import { Suite } from "../suite.ts";
import { summarizeColumns, type ColumnSummary } from "./column-summary.ts";

/** How many different strings still are a set of categories; TFDV's limit is 100. */
const mostCategories = 50;

const moments: ReadonlySet<ColumnType> = new Set(["date", "timestamp", "timestamptz"]);

/**
 * Infers a suite that the table itself meets: its columns, their types, which have values in every row (or in what share of
 * them, rounded down to per cents), ranges of numbers and of dates, the categories of strings that have at most 50, and
 * which integers and strings are unique.
 */
export async function inferSuite<C extends TableColumns = TableColumns>(
  source: TableSource | Table<C>,
  name: string,
): Promise<Suite<C>> {
  const summaries = await summarizeColumns(source, mostCategories);
  const columns: Expectation = {
    type: "expect_table_columns_to_match_set",
    kwargs: { column_set: source.columns.map((column) => column.name) },
  };
  return new Suite<C>(name, [columns, ...summaries.flatMap(ofColumn)]);
}

function ofColumn({ column, rows, present, min, max, values, isUnique }: ColumnSummary): Expectation[] {
  const expect = (type: string, kwargs: object = {}): Expectation => ({
    type,
    kwargs: { column: column.name, ...kwargs },
  });
  const found = [expect("expect_column_values_to_be_of_type", { type_: column.type })];
  // Some more types than ours: DuckDB's own name is what tells them apart.
  if (column.type === "other")
    found[0] = expect("expect_column_values_to_be_of_type", { type_: column.nativeType });
  if (rows > 0 && present === rows) found.push(expect("expect_column_values_to_not_be_null"));
  const share = Math.floor((present / rows) * 100) / 100;
  if (present > 0 && present < rows && share > 0)
    found.push(expect("expect_column_values_to_not_be_null", { mostly: share }));
  const hasRange = isNumeric(column.type) || moments.has(column.type);
  if (hasRange && (min !== undefined || max !== undefined))
    found.push(
      expect("expect_column_values_to_be_between", {
        ...(min === undefined ? {} : { min_value: min }),
        ...(max === undefined ? {} : { max_value: max }),
      }),
    );
  // Where every text is another one, they are names, not categories.
  if (values !== undefined && values.length < present)
    found.push(expect("expect_column_values_to_be_in_set", { value_set: values }));
  if (isUnique) found.push(expect("expect_column_values_to_be_unique"));
  return found;
}
