/**
 * @file The last lines of a terminal, rewritten in place.
 *
 * Invariant: on a terminal the live lines stand below all that was written through {@link LiveLines.write}; elsewhere
 * they are not written until they are committed.
 */
import type { Terminal } from "../terminal.ts";
import { plainText } from "../terminal.ts";

/** Lines that change, each set under a key, below text that stays. */
export class LiveLines {
  readonly #terminal: Terminal;
  readonly #lines = new Map<string, readonly string[]>();
  #drawn = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Writes whole lines above the live ones. */
  write(text: string): void {
    const erase = this.#erasure();
    this.#drawn = 0;
    this.#terminal.write(erase + text + this.#drawing());
  }

  /** Sets the live lines of a key. */
  set(key: string, lines: readonly string[]): void {
    this.#lines.set(key, lines);
    if (!this.#terminal.interactive) return;
    const erase = this.#erasure();
    this.#drawn = 0;
    this.#terminal.write(erase + this.#drawing());
  }

  /** Takes a key's lines away; they are returned. */
  remove(key: string): readonly string[] {
    const lines = this.#lines.get(key) ?? [];
    this.#lines.delete(key);
    return lines;
  }

  /** Leaves the live lines as they are and begins anew. */
  commit(): void {
    const lines = [...this.#lines.values()].flat();
    this.#lines.clear();
    if (lines.length > 0) this.write(lines.map((line) => `${line}\n`).join(""));
  }

  #erasure(): string {
    return this.#drawn === 0 ? "" : `\u001B[${this.#drawn}A\r\u001B[J`;
  }

  #drawing(): string {
    if (!this.#terminal.interactive) return "";
    const lines = [...this.#lines.values()].flat();
    this.#drawn = lines.length;
    return lines.map((line) => `${fit(line, this.#terminal.width - 1)}\n`).join("");
  }
}

/** A line that does not wrap, without which the cursor would not find back. */
function fit(line: string, width: number): string {
  const plain = plainText(line);
  return plain.length <= width ? line : `${plain.slice(0, Math.max(0, width - 1))}…`;
}
