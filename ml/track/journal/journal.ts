/**
 * @file A run's journal: a file that grows by whole lines. A line that was appended survives the process's end; after
 * {@link Journal.sync} it survives the machine's.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { syncFolder } from "../../atomic-file.ts";
import { newJournalPath } from "./journal-folder.ts";
import { openLine } from "./journal-lines.ts";

/** A file that has only what is done, and is larger, is emptied. */
const largestDone = 1 << 20;

/** Where a line stands. */
export interface LinePlace {
  readonly offset: number;
  readonly length: number;
}

export class Journal {
  readonly #folder: string;
  readonly #header: string;
  readonly #runId: string;
  #file: FileHandle | undefined;
  #path: string | undefined;
  #length = 0;
  /** Whether the file's name is on the disk too. */
  #hasName = false;
  /** One after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string, trackingUri: string, runId: string) {
    this.#folder = folder;
    this.#runId = runId;
    this.#header = openLine(trackingUri, runId);
  }

  get path(): string | undefined {
    return this.#path;
  }

  /** Makes the file where it isn't there. Rejects with the system's error. */
  async open(): Promise<void> {
    await this.#next(async () => void (await this.#opened()));
  }

  /** Appends lines; gives where each stands. Rejects with the system's error, and then none of them is there. */
  async append(lines: readonly string[]): Promise<readonly LinePlace[]> {
    return this.#next(async () => {
      const file = await this.#opened();
      const start = this.#length;
      await this.#write(file, lines.join(""));
      let offset = start;
      return lines.map((line) => {
        const length = Buffer.byteLength(line);
        const place = { offset, length };
        offset += length;
        return place;
      });
    });
  }

  /** Appends lines before it returns: for the process's end. */
  appendNow(lines: readonly string[]): void {
    if (this.#path === undefined || lines.length === 0) return;
    const file = openSync(this.#path, "a");
    try {
      // What a write that was under way has left may be half a line.
      writeSync(file, `\n${lines.join("")}`);
    } finally {
      closeSync(file);
    }
  }

  /** A line that was appended. */
  async read({ offset, length }: LinePlace): Promise<string> {
    const file = await this.#opened();
    const buffer = Buffer.alloc(length);
    await file.read(buffer, 0, length, offset);
    return buffer.toString("utf8");
  }

  /** Flushes what was appended to the disk. */
  async sync(): Promise<void> {
    await this.#next(async () => {
      await (await this.#opened()).datasync();
      if (this.#hasName) return;
      await syncFolder(this.#folder);
      this.#hasName = true;
    });
  }

  /** Empties a large file, where `isDone` says that nothing in it is wanted any more. */
  async shrink(isDone: () => boolean): Promise<void> {
    await this.#next(async () => {
      if (!this.#file || this.#length < largestDone || !isDone()) return;
      const kept = Buffer.byteLength(this.#header);
      await this.#file.truncate(kept);
      this.#length = kept;
    });
  }

  /** Closes the file; with `remove` it is no longer there. */
  async close(remove: boolean): Promise<void> {
    await this.#next(async () => {
      await this.#file?.close();
      this.#file = undefined;
      if (remove && this.#path !== undefined) await unlink(this.#path).catch(() => {});
      this.#path = undefined;
      this.#length = 0;
    });
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file) return this.#file;
    const path = await newJournalPath(this.#folder, this.#runId);
    const file = await open(path, "ax+");
    try {
      await this.#write(file, this.#header);
    } catch (error) {
      await file.close();
      await unlink(path).catch(() => {});
      throw error;
    }
    this.#path = path;
    this.#hasName = false;
    return (this.#file = file);
  }

  async #write(file: FileHandle, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await file.write(bytes, done);
        done += bytesWritten;
      }
      this.#length += bytes.length;
    } catch (error) {
      // A disk that is full may have taken half a line.
      await file.truncate(this.#length).catch(() => {});
      throw error;
    }
  }

  async #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
