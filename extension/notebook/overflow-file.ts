/** @file Where the text of a cell goes that is too much to show. */
import { type WriteStream, createWriteStream, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Milliseconds for which the files are kept. */
const keptFor = 14 * 24 * 3600 * 1000;

export class OverflowFile {
  readonly path: string;
  readonly #onError: (error: Error) => void;
  #stream: WriteStream | undefined;

  /** `onError` is called once where the disk takes no more; what comes then is lost. Old files of the folder go. */
  constructor(path: string, onError: (error: Error) => void) {
    this.path = path;
    this.#onError = onError;
    try {
      mkdirSync(dirname(path), { recursive: true });
      sweep(dirname(path));
    } catch {
      // The stream says what is wrong.
    }
    this.#stream = createWriteStream(path, { mode: 0o600 });
    this.#stream.once("error", (error) => this.#fail(error));
  }

  write(text: string | Uint8Array): void {
    this.#stream?.write(text);
  }

  close(): void {
    this.#stream?.end();
  }

  #fail(error: Error): void {
    this.#stream?.on("error", () => undefined);
    this.#stream?.destroy();
    this.#stream = undefined;
    this.#onError(error);
  }
}

function sweep(folder: string): void {
  const oldest = Date.now() - keptFor;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).mtimeMs < oldest) rmSync(path, { force: true });
  }
}
