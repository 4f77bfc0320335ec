/** @file What is different between two snapshots. */
import { compareBytes } from "../folder-entries.ts";
import { diffTables, type TableDifference } from "./diff-tables.ts";
import { find } from "./find-snapshot.ts";
import type { SnapshotFile, SnapshotTable } from "./manifest.ts";
import type { StoreOptions } from "./store.ts";
import type { Snapshot } from "./taken-snapshot.ts";

/** A file that has other content. */
export interface ChangedFile {
  readonly path: string;
  readonly before: SnapshotFile;
  readonly after: SnapshotFile;
}

/** How one snapshot differs from another. */
export interface SnapshotDifference {
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** Whether the content is the same, byte by byte. */
  readonly isSame: boolean;
  readonly added: readonly SnapshotFile[];
  readonly removed: readonly SnapshotFile[];
  readonly changed: readonly ChangedFile[];
  /** How many files are as they were. */
  readonly unchanged: number;
  /** Tables in files that have changed. */
  readonly tables: readonly TableDifference[];
}

/**
 * Compares two snapshots: files added, removed and changed; of changed files that hold tables the schema, the number of rows and the
 * statistics. Two snapshots of one file each are compared whatever the files are called.
 * @param before what {@link find} takes, or a snapshot
 * @throws {@link DataVersionError} where there is no such snapshot
 */
export async function diff(
  before: string | Snapshot,
  after: string | Snapshot,
  options: StoreOptions = {},
): Promise<SnapshotDifference> {
  const a = typeof before === "string" ? await find(before, options) : before;
  const b = typeof after === "string" ? await find(after, options) : after;
  const pathOf = pairing(a, b);
  const old = new Map(a.files.map((file) => [pathOf(file.path), file]));
  const now = new Map(b.files.map((file) => [file.path, file]));
  const added = b.files.filter(({ path }) => !old.has(path));
  const removed = a.files.filter(({ path }) => !now.has(pathOf(path)));
  const changed = [...old]
    .flatMap(([path, file]) => {
      const other = now.get(path);
      return other !== undefined && other.sha256 !== file.sha256
        ? [{ path, before: file, after: other }]
        : [];
    })
    .toSorted((x, y) => compareBytes(x.path, y.path));
  const tableOf = (tables: readonly SnapshotTable[], path: string): SnapshotTable | undefined =>
    tables.find((table) => table.path === path);
  const tables = changed.flatMap((file) => {
    const [x, y] = [tableOf(a.tables, file.before.path), tableOf(b.tables, file.after.path)];
    return x && y ? [diffTables(x, y, file.path)] : [];
  });
  return {
    before: a,
    after: b,
    isSame: a.digest === b.digest,
    added,
    removed,
    changed,
    unchanged: old.size - removed.length - changed.length,
    tables,
  };
}

/** The path in the later snapshot of a file of the earlier one. */
function pairing(a: Snapshot, b: Snapshot): (path: string) => string {
  const [only] = b.files;
  return a.kind === "file" && b.kind === "file" && only ? () => only.path : (path) => path;
}
