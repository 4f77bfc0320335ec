/** @file The log of a kernel that outlives its client: a file, since a pipe would end with the client. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Milliseconds between looks at the file. */
const lookInterval = 1000;

/** Follows a log file as it grows. */
export class LogFile {
  readonly #path: string;
  readonly #onText: ((text: string) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #offset: number;

  /** `onText` is called with what is written from now on. */
  constructor(path: string, onText: ((text: string) => void) | undefined) {
    this.#path = path;
    this.#onText = onText;
    this.#offset = this.#read(0, 0).size;
    if (onText !== undefined) this.#timer = setInterval(() => this.#look(), lookInterval).unref();
  }

  /** The file's last characters. */
  end(characters: number): string {
    const { size } = this.#read(0, 0);
    return this.#read(Math.max(0, size - characters), characters).text;
  }

  /** Hands on what is new, and stops. */
  close(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#look();
  }

  #look(): void {
    const { text, size } = this.#read(this.#offset, 65_536);
    this.#offset = Math.min(size, this.#offset + 65_536);
    if (text !== "") this.#onText?.(text);
  }

  /** A file that is gone is empty. */
  #read(from: number, most: number): { readonly text: string; readonly size: number } {
    let file: number;
    try {
      file = openSync(this.#path, "r");
    } catch {
      return { text: "", size: 0 };
    }
    try {
      const { size } = fstatSync(file);
      const buffer = Buffer.alloc(Math.max(0, Math.min(most, size - from)));
      readSync(file, buffer, 0, buffer.length, from);
      return { text: buffer.toString("utf8"), size };
    } finally {
      closeSync(file);
    }
  }
}
