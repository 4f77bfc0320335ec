/** @file What is known of the columns of a file that a cell names, and who knows it. */

/** A column: its name, and its type in the words of `tenon/data`. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
}

/** The columns of a file in their order, or why they cannot be known: one line for people. */
export type FileColumns = { readonly columns: readonly TableColumn[] } | { readonly problem: string };

/** Knows the columns of files by their paths as cells write them. */
export interface FileSchemas {
  /** A cell brings in what reads files, so they will be asked for soon. */
  prepare(): void;
  /**
   * The columns of files as they are now. It waits so many milliseconds at most; what is not known by then is missing,
   * is worked out meanwhile and is there when it is asked for again.
   */
  columns(paths: readonly string[], patience: number): Promise<ReadonlyMap<string, FileColumns>>;
}
