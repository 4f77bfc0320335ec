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

/** A file that cannot be read as a table: missing, malformed, of a form that needs something more. */
export class TableFileError extends Error {
  override readonly name = "TableFileError";
  /** The path or pattern that was given. */
  readonly path: string;
  /** The line where a text file is wrong, from 1. */
  readonly line: number | undefined;

  constructor(
    path: string,
    message: string,
    options?: ErrorOptions & { readonly line?: number | undefined },
  ) {
    super(`${path}${options?.line === undefined ? "" : `, line ${options.line}`}: ${message}`, options);
    this.path = path;
    this.line = options?.line;
  }
}

/** A file that changed after a table was made of it, perhaps while it was read: nothing that was read counts. */
export class FileChangedError extends Error {
  override readonly name = "FileChangedError";
  readonly path: string;

  constructor(path: string) {
    super(`${path} has changed since read() looked at it; call read() again`);
    this.path = path;
  }
}

/** A package that is needed for this and is not installed. */
export class MissingPackageError extends Error {
  override readonly name = "MissingPackageError";

  constructor(name: string, use: string, options?: ErrorOptions) {
    super(`${use} needs the package ${name}: npm install ${name}`, options);
  }
}
