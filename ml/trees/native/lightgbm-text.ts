/** @file LightGBM's text of a model, taken apart: lines of `name=value`, one block for each tree. */
import { ForestFileError } from "./errors.ts";

/** The lines of a block. */
export class TextBlock {
  readonly #what: string;
  readonly #values: ReadonlyMap<string, string>;

  constructor(what: string, lines: readonly string[]) {
    this.#what = what;
    this.#values = new Map(
      lines.map((line) => {
        const at = line.indexOf("=");
        return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
      }),
    );
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** @throws {@link ForestFileError} without that line */
  text(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new ForestFileError(`${this.#what} has no ${name}`);
    return value;
  }

  /** A whole number. */
  count(name: string): number {
    const value = Number(this.text(name));
    if (!Number.isSafeInteger(value) || value < 0)
      throw new ForestFileError(
        `${this.#what} has the ${name} ${JSON.stringify(this.text(name).slice(0, 40))}`,
      );
    return value;
  }

  /** So many numbers, parted by spaces. */
  numbers(name: string, count: number): Float64Array {
    const texts = this.text(name).trim().split(/ +/u);
    const numbers = Float64Array.from(texts[0] === "" ? [] : texts, numberOf);
    if (numbers.length !== count)
      throw new ForestFileError(`${this.#what} has ${numbers.length} of ${name}, not ${count}`);
    const bad = numbers.findIndex((value) => Number.isNaN(value));
    if (bad >= 0) throw new ForestFileError(`${this.#what} has ${name} ${JSON.stringify(texts[bad])}`);
    return numbers;
  }

  /** As {@link numbers}; undefined where the line is absent or has another length. */
  optionalNumbers(name: string, count: number): Float64Array | undefined {
    if (!this.has(name) || this.text(name).trim().split(/ +/u).length !== count) return undefined;
    return this.numbers(name, count);
  }
}

/** C's texts of numbers that JavaScript has others for. */
function numberOf(text: string): number {
  if (/^-?inf/iu.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return text === "" ? Number.NaN : Number(text);
}

/** A model's first block, and that of each tree. */
export interface LightgbmText {
  readonly head: TextBlock;
  readonly trees: readonly TextBlock[];
}

/** @throws {@link ForestFileError} for a text that doesn't begin as a model or doesn't end where its trees do */
export function parseLightgbm(text: string): LightgbmText {
  const lines = text.split(/\r?\n/u);
  if (lines[0]?.trim() !== "tree") throw new ForestFileError('it does not begin with "tree"');
  const end = lines.indexOf("end of trees");
  if (end === -1) throw new ForestFileError("it is cut off: its trees have no end");
  const starts = lines.flatMap((line, at) => (at < end && line.startsWith("Tree=") ? [at] : []));
  const head = new TextBlock("its head", lines.slice(1, starts[0] ?? end));
  const trees = starts.map(
    (start, at) => new TextBlock(`tree ${at}`, lines.slice(start + 1, starts[at + 1] ?? end)),
  );
  return { head, trees };
}
