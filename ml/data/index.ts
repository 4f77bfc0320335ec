/** @file `tenon/data`: reading tables with DuckDB. */
export { openDatabase, sqlText } from "./database.ts";
export type { Database, DatabaseOptions, QueryParameters } from "./database.ts";
export type { ColumnKind, Columns, ColumnSchema } from "./columns.ts";
export type { ColumnDescription, QueryResult, Row, RowValue } from "./query-result.ts";
export type { Relation } from "./relation.ts";
export { ColumnError, QueryError } from "./errors.ts";
export { profile, ProfileFormatError, TableProfile } from "./profile/index.ts";
export type { ProfileData, ProfileOptions } from "./profile/index.ts";
export { compare, ComparisonError, ComparisonFormatError, TableComparison } from "./compare/index.ts";
export type { CompareOptions, ComparisonData } from "./compare/index.ts";
export { displaySource } from "./source-display.ts";
export { tableSource } from "./table-source.ts";
export type { TableSource } from "./table-source.ts";
