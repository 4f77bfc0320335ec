/**
 * @file A value seen as a table: what the rich display shows the head of and the variable view pages through.
 *
 * A source holds no copy of the value's data. Its readers never throw: a field that can't be read is an
 * `Unreadable`.
 */
import type { Column } from "../../protocol.ts";

/** Random access to a value's rows. */
export interface TableSource {
  /** What people call it, for example `Table`, `DataFrame`, `Float32Array`. */
  readonly kind: string;
  readonly columns: readonly Column[];
  readonly rowCount: number;
  /** Columns that the value has beyond those in `columns`. */
  readonly hiddenColumns: number;
  /** True where the row's number is all that names it, as in arrays; false where a column does (a Map's key). */
  readonly indexed: boolean;
  /** A reader of one column, for many rows. */
  reader(column: number): (row: number) => unknown;
}

/** The most columns that a source gives. */
export const mostColumns = 1000;
