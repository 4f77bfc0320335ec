/** @file Takes snapshots of files, folders, tables and what DVC's pointers name. */
import { link, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { openDatabase, type Database } from "../data/database.ts";
import { read } from "../data/read.ts";
import type { Table } from "../data/table.ts";
import { InvalidInputError } from "../errors.ts";
import { fileChunks } from "../file-chunks.ts";
import { compareBytes, folderEntries } from "../folder-entries.ts";
import { notebookHost } from "../notebook-host.ts";
import { openDvcPointer } from "./dvc-cache.ts";
import { DataVersionError } from "./errors.ts";
import {
  digestOf,
  isInside,
  snapshotName,
  type Manifest,
  type SnapshotFile,
  type SnapshotTable,
} from "./manifest.ts";
import { SnapshotStore, type StoreOptions } from "./store.ts";
import { Snapshot } from "./taken-snapshot.ts";
import { summarizeTable } from "./table-summary.ts";

/** How a snapshot is taken. */
export interface SnapshotOptions extends StoreOptions {
  /** Letters, digits, `.`, `_`, `-`; that of the file or folder, without its ending, if not given. A table needs one. */
  readonly name?: string;
}

/** A file that is to be taken. */
interface Source {
  readonly path: string;
  readonly executable: boolean;
  content(signal: AbortSignal | undefined): AsyncIterable<Uint8Array>;
}

interface Sources {
  readonly kind: Manifest["kind"];
  readonly files: readonly Source[];
}

/**
 * Takes a snapshot: of a file, of a folder with all that is in it, of what a `.dvc` file points to (out of DVC's cache), or of a
 * table's rows (as Parquet). Content that the store has is not written again; of equal content there is one snapshot for each name.
 *
 * Of Parquet, CSV, TSV and NDJSON files (and of a JSON file taken alone) that hold tables, the manifest has the schema, the number
 * of rows, statistics and a hash of the rows. Empty folders are not kept.
 * @throws {@link DataVersionError} for links in a folder, and where a pointer leads nowhere; {@link InvalidInputError} for names
 * that can't be; the file system's errors
 * @example
 * const { id, digest } = await snapshot("flights.parquet");
 */
export async function snapshot(source: string | Table, options: SnapshotOptions = {}): Promise<Snapshot> {
  const store = new SnapshotStore(options.store);
  const signal = options.signal ?? notebookHost()?.signal;
  signal?.throwIfAborted();
  if (typeof source === "string") {
    const sources = await sourcesOf(source, store);
    return await take(store, requireName(options.name ?? nameOf(source, sources.kind)), sources, signal);
  }
  if (options.name === undefined)
    throw new InvalidInputError("a table's snapshot needs a name: snapshot(table, { name })");
  const name = requireName(options.name);
  return await store.withScratch(async (scratch) => {
    const path = join(scratch, "table.parquet");
    await source.writeParquet(path);
    const file = { path: `${name}.parquet`, executable: false, content: () => fileChunks(path, signal) };
    return await take(store, name, { kind: "file", files: [file] }, signal);
  });
}

async function take(
  store: SnapshotStore,
  name: string,
  { kind, files: sources }: Sources,
  signal: AbortSignal | undefined,
): Promise<Snapshot> {
  const files: SnapshotFile[] = [];
  for (const source of sources.toSorted((a, b) => compareBytes(a.path, b.path))) {
    const { path, executable } = source;
    if (!isInside(path)) throw new DataVersionError(path, "a file of this name can't be in a snapshot");
    if (files.at(-1)?.path === path) throw new DataVersionError(path, "there are two files of this name");
    files.push({
      path,
      ...(await store.put(() => source.content(signal))),
      ...(executable && { executable: true }),
    });
  }
  const digest = digestOf(kind, files);
  const tables =
    (await knownTables(store, name, digest)) ?? (await summarizeFiles(store, kind, files, signal));
  const createdAt = new Date().toISOString();
  const manifest: Manifest = { version: 1, name, digest, createdAt, kind, files, tables: [...tables] };
  signal?.throwIfAborted();
  await store.putManifest(manifest);
  return new Snapshot(manifest);
}

async function sourcesOf(path: string, store: SnapshotStore): Promise<Sources> {
  const real = await realpath(path);
  const found = await stat(real);
  if (found.isFile() && path.endsWith(".dvc")) {
    return await openDvcPointer(path);
  }
  const contentOf =
    (from: string) =>
    (signal: AbortSignal | undefined): AsyncIterable<Uint8Array> =>
      fileChunks(from, signal);
  if (found.isFile()) {
    const file = { path: basename(path), executable: (found.mode & 0o100) !== 0, content: contentOf(real) };
    return { kind: "file", files: [file] };
  }
  if (!found.isDirectory()) throw new DataVersionError(path, "it is neither a file nor a folder");
  // A store in the folder is no part of the data.
  const own = await realpath(store.folder).catch(() => store.folder);
  const entries = await folderEntries(real, (name) => join(real, name) === own);
  const linked = entries.find(({ kind }) => kind === "link");
  if (linked)
    throw new DataVersionError(path, `${linked.name} is a link, which is not followed: take what it names`);
  const files = entries.filter(({ kind }) => kind === "file");
  return {
    kind: "folder",
    files: files.map(({ name, path: from, executable }) => ({
      path: name,
      executable,
      content: contentOf(from),
    })),
  };
}

/** What is known already of the same content under the same name. */
async function knownTables(
  store: SnapshotStore,
  name: string,
  digest: string,
): Promise<readonly SnapshotTable[] | undefined> {
  try {
    return (await store.manifest(name, digest)).tables;
  } catch (error) {
    if (error instanceof DataVersionError) return undefined;
    throw error;
  }
}

const tableEnding = /\.(?:(?:parquet|pq)|(?:csv|tsv|ndjson|jsonl)(?:\.(?:gz|zst))?)$/i;

/** Counts and measures the files that hold tables, as they are in the store. */
async function summarizeFiles(
  store: SnapshotStore,
  kind: Manifest["kind"],
  files: readonly SnapshotFile[],
  signal: AbortSignal | undefined,
): Promise<readonly SnapshotTable[]> {
  const tables = files.filter(
    ({ path }) => tableEnding.test(path) || (kind === "file" && /\.json$/i.test(path)),
  );
  if (tables.length === 0) return [];
  using database = await openDatabase();
  const found: SnapshotTable[] = [];
  for (const file of tables) {
    signal?.throwIfAborted();
    const summary = await withObject(store, file, (path) => summarizeFile(database, path, file.path, signal));
    if (summary) found.push(summary);
  }
  return found;
}

/** Undefined where a file holds no table, whatever its ending says. */
async function summarizeFile(
  database: Database,
  location: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<SnapshotTable | undefined> {
  try {
    return await summarizeTable(await read(location, { database }), path);
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

/** Calls back with a stored file under its own name's ending, which tells what it is and whether it is compressed. */
async function withObject<T>(
  store: SnapshotStore,
  { path, sha256 }: SnapshotFile,
  use: (path: string) => Promise<T>,
): Promise<T> {
  return await store.withScratch(async (scratch) => {
    const named = join(scratch, `file${tableEnding.exec(path)?.[0] ?? ".json"}`);
    await link(store.objectPath(sha256), named);
    return await use(named);
  });
}

function requireName(name: string): string {
  if (snapshotName.test(name)) return name;
  throw new InvalidInputError(
    `a snapshot's name has letters, digits, ".", "_" and "-" and begins with one of the first two; not ${JSON.stringify(name)}`,
  );
}

/** The name of a file without its ending, or of a folder; other characters than a name has become `-`. */
function nameOf(source: string, kind: Manifest["kind"]): string {
  const own = basename(source).replace(/\.dvc$/, "");
  const plain = kind === "file" ? own.replace(/(?<=.)(?:\.[A-Za-z0-9]+)?(?:\.(?:gz|zst))?$/i, "") : own;
  const name = plain
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "")
    .slice(0, 100);
  if (name === "") throw new InvalidInputError(`${JSON.stringify(source)} makes no name: give one`);
  return name;
}
