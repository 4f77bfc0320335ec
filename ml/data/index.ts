/** @file `tenon/data`: tables and DuckDB. */
export {
  all,
  any,
  argMax,
  argMin,
  correlation,
  count,
  countDistinct,
  max,
  mean,
  median,
  min,
  quantile,
  standardDeviation,
  sum,
  variance,
} from "./aggregates.ts";
export { columnType } from "./column-types.ts";
export type { ColumnType, TableColumns, TableFiles } from "./column-types.ts";
export { openDatabase } from "./database.ts";
export { sqlText } from "./sql-text.ts";
export type { Database, DatabaseOptions, QueryParameters } from "./database.ts";
export type { ColumnKind, Columns, ColumnSchema } from "./columns.ts";
export { ColumnError, FileChangedError, MissingPackageError, QueryError, TableFileError } from "./errors.ts";
export { col, sql } from "./expression.ts";
export type { Column, TimeUnit, WindowSpecification } from "./expression-methods.ts";
export type { AnyExpression, Expression, ExpressionOn } from "./expression-types.ts";
export type { FileFormat } from "./file-format.ts";
export type { CastType } from "./native-types.ts";
export type { ColumnDescription, QueryResult, Row, RowValue } from "./query-result.ts";
export { fromArrays, fromRows } from "./from-arrays.ts";
export type { ColumnValue, ColumnValues } from "./from-arrays.ts";
export { read } from "./read.ts";
export type { ReadOptions } from "./read.ts";
export type { Relation } from "./relation.ts";
export { Table } from "./table.ts";
export { tableSource } from "./table-source.ts";
export type { TableSource } from "./table-source.ts";
export type { ArraysOf, ColumnsOf, RowOf, TableBatch } from "./table-types.ts";
export { when } from "./when.ts";
export {
  denseRank,
  firstValue,
  groupNumber,
  lag,
  lastValue,
  lead,
  percentRank,
  rank,
  rowNumber,
} from "./window-functions.ts";
export * from "./validation/index.ts";
export { profile, ProfileFormatError, TableProfile } from "./profile/index.ts";
export type { ProfileData, ProfileOptions } from "./profile/index.ts";
export { compare, ComparisonError, ComparisonFormatError, TableComparison } from "./compare/index.ts";
export type { CompareOptions, ComparisonData } from "./compare/index.ts";
export { displaySource } from "./source-display.ts";
