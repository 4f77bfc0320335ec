/** A query that DuckDB refused or could not finish; the message is DuckDB's own, the cause its error. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  /** The statement that failed. */
  readonly sql: string;

  constructor(message: string, sql: string, options?: ErrorOptions) {
    super(message, options);
    this.sql = sql;
  }
}

/** A query whose values do not fit the columns that were asked for: a null, a missing column. */
export class ColumnError extends Error {
  override readonly name = "ColumnError";
}
