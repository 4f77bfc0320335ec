/**
 * @file A journal's file: operations are appended as lines, each process reads on from where it was.
 *
 * What `append` has acknowledged is on the disk. A line without its end was being written when a machine stopped: it is not
 * read, and the next append removes it.
 */
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { withFileLock } from "./file-lock.ts";
import { operationLine, parseOperation, type Operation } from "./operations.ts";

/** Where operations are kept. */
export interface OperationLog {
  /** Adds operations after all that are there. When it is done, they will stay. */
  append(operations: readonly Operation[]): Promise<void>;
  /** The operations that were added since the last call, by whomever. */
  read(): Promise<readonly Operation[]>;
}

const newline = 0x0a;

/** Operations in a file. */
export class JournalFile implements OperationLog {
  readonly #path: string;
  readonly #gracePeriod: number;
  /** Up to where lines were read, in bytes and in lines. */
  #position = 0;
  #lines = 0;
  #isThere: Promise<void> | undefined;

  /** @param gracePeriod seconds after which the lock of a process that has died is removed */
  constructor(path: string, gracePeriod: number) {
    this.#path = resolve(path);
    this.#gracePeriod = gracePeriod;
  }

  async append(operations: readonly Operation[]): Promise<void> {
    const text = operations.map((operation) => `${operationLine(operation)}\n`).join("");
    await (this.#isThere ??= this.#create());
    await withFileLock(this.#path, this.#gracePeriod, async () => {
      const file = await open(this.#path, "a+");
      try {
        await cutUnfinishedLine(file);
        await file.appendFile(text);
        await file.datasync();
      } finally {
        await file.close();
      }
    });
  }

  /** The link that is the lock must lead to a file: others look at its time. */
  async #create(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    await (await open(this.#path, "a")).close();
  }

  async read(): Promise<readonly Operation[]> {
    const bytes = await this.#newBytes();
    const end = bytes.lastIndexOf(newline) + 1;
    if (end === 0) return [];
    const lines = bytes.toString("utf8", 0, end - 1).split("\n");
    const operations = lines.map((line, index) =>
      parseOperation(line, `line ${this.#lines + index + 1} of ${this.#path}`),
    );
    this.#position += end;
    this.#lines += lines.length;
    return operations;
  }

  async #newBytes(): Promise<Buffer> {
    const file = await openIfThere(this.#path);
    if (!file) return Buffer.alloc(0);
    try {
      const { size } = await file.stat();
      if (size <= this.#position) return Buffer.alloc(0);
      const bytes = Buffer.alloc(size - this.#position);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#position);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

async function cutUnfinishedLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(Math.min(size, 1 << 16));
  let end = size;
  while (end > 0) {
    const from = Math.max(0, end - chunk.length);
    const { bytesRead } = await file.read(chunk, 0, end - from, from);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(newline);
    if (at >= 0) {
      end = from + at + 1;
      break;
    }
    end = from;
  }
  if (end < size) await file.truncate(end);
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
