/** @file A file with a line of JSON for each administrative call, whoever made it and however it ended. */
import { type FileHandle, open } from "node:fs/promises";

/** An administrative call. */
export interface AdminCall {
  /** Who made it; absent where nobody was asked. */
  readonly caller: string | undefined;
  readonly address: string;
  /** The method and the path. */
  readonly action: string;
  /** The status it ended with. */
  readonly status: number;
  /** What was asked for, such as new rules. */
  readonly detail?: unknown;
}

/** Writes calls one after the other; a line is on the disk when its promise is fulfilled. */
export class AdminAudit {
  readonly #file: FileHandle;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens a file for its owner only; what it holds stays. */
  static async open(path: string): Promise<AdminAudit> {
    return new AdminAudit(await open(path, "a", 0o600));
  }

  record(call: AdminCall): Promise<void> {
    const line = `${JSON.stringify({ time: new Date().toISOString(), ...call })}\n`;
    const written = this.#last.then(async () => {
      await this.#file.appendFile(line);
      await this.#file.datasync();
    });
    this.#last = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }
}
