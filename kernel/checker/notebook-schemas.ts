/**
 * @file The columns of the files that a notebook reads, kept as long as the files stay as they are.
 *
 * Invariants: nothing but local files is looked at (see local-file.ts), nobody waits longer than they said, and a file
 * is read again when its size or time of change differ.
 */
import { statSync } from "node:fs";
import type { FileColumns, FileSchemas } from "../../cells/tables/file-columns.ts";
import { ColumnReader, ColumnReaderError, type ColumnReaderOptions } from "./column-reader.ts";
import { localFile, projectFolder } from "./local-file.ts";

/** Milliseconds that what a pattern gave counts as current: which files it names is not watched. */
const patternAge = 2000;
/** Milliseconds after which a file is looked at again where the process that did so has failed. */
const failureAge = 5000;

interface Known {
  /** How the file was when it was looked at. */
  readonly stamp: string;
  readonly reading: Promise<void>;
  columns: FileColumns | undefined;
  /** When it has to be looked at again, whatever its stamp. */
  expires: number;
}

export class NotebookSchemas implements FileSchemas {
  readonly #directory: string;
  readonly #reader: ColumnReader;
  readonly #known = new Map<string, Known>();
  #project: string | undefined;

  constructor(options: ColumnReaderOptions) {
    this.#directory = options.directory;
    this.#reader = new ColumnReader(options);
  }

  /** The process that reads files, while it runs. */
  get pid(): number | undefined {
    return this.#reader.pid;
  }

  prepare(): void {
    this.#reader.prepare();
  }

  async columns(paths: readonly string[], patience: number): Promise<ReadonlyMap<string, FileColumns>> {
    const found = new Map<string, FileColumns | Known>(paths.map((path) => [path, this.#lookAt(path)]));
    const waiting = [...found.values()].flatMap((each) =>
      "reading" in each && each.columns === undefined ? [each.reading] : [],
    );
    if (waiting.length > 0 && patience > 0) await settledWithin(waiting, patience);
    const columns = new Map<string, FileColumns>();
    for (const [path, each] of found) {
      const now = "reading" in each ? each.columns : each;
      if (now !== undefined) columns.set(path, now);
    }
    return columns;
  }

  #lookAt(path: string): FileColumns | Known {
    this.#project ??= projectFolder(this.#directory);
    const local = localFile(path, this.#directory, this.#project);
    if ("problem" in local) return local;
    const stamp = local.isPattern ? patternStamp() : fileStamp(local.path);
    if (typeof stamp !== "string") return stamp;
    const known = this.#known.get(local.path);
    if (known?.stamp === stamp && Date.now() < known.expires) return known;
    const fresh: Known = {
      stamp,
      reading: this.#read(local.path, () => fresh),
      columns: undefined,
      expires: Infinity,
    };
    this.#known.set(local.path, fresh);
    return fresh;
  }

  async #read(path: string, known: () => Known): Promise<void> {
    try {
      const columns = await this.#reader.read(path);
      known().columns = columns;
    } catch (error) {
      if (!(error instanceof ColumnReaderError)) throw error;
      known().columns = { problem: error.message };
      known().expires = Date.now() + failureAge;
    }
  }

  dispose(): void {
    this.#reader.close();
  }
}

function patternStamp(): string {
  return `${Math.floor(Date.now() / patternAge)}`;
}

function fileStamp(path: string): string | { readonly problem: string } {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return { problem: "there is no such file" };
    if (!found.isFile()) return { problem: "it is no file" };
    return `${found.size} ${found.mtimeMs} ${found.ino}`;
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function settledWithin(waiting: readonly Promise<unknown>[], milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([Promise.all(waiting), timeout]);
  clearTimeout(timer);
}
