/**
 * @file Texts of up to twelve bytes, decoded once. DuckDB keeps these within their column, as four words: the length and the
 * bytes, filled up with zeros. So a text that was met before is known by its words, which is twenty times as fast as
 * decoding it, and columns of categories have one instance of each.
 */
import type { DuckDBVector } from "@duckdb/node-api";

const places = 8192;
const longest = 12;

/** A cache of short texts, a place for each hash of their words. */
export class ShortTexts {
  readonly #words = new Uint32Array(places * 4);
  readonly #texts = Array.from<string | undefined>({ length: places });

  /** The text that four words from `at` hold, or that `decode` gives; undefined for a longer one. */
  at(words: Uint32Array, at: number, decode: () => string): string | undefined {
    const length = words[at] ?? 0;
    if (length > longest) return undefined;
    const first = words[at + 1] ?? 0;
    const second = words[at + 2] ?? 0;
    const third = words[at + 3] ?? 0;
    const mixed = Math.imul(
      Math.imul(first ^ Math.imul(second, 0x85eb_ca6b), 0x9e37_79b1) ^ third,
      0xc2b2_ae35,
    );
    const place = (mixed >>> 16) % places;
    const known = this.#texts[place];
    const own = this.#words;
    const from = place * 4;
    if (
      known !== undefined &&
      own[from] === length &&
      own[from + 1] === first &&
      own[from + 2] === second &&
      own[from + 3] === third
    ) {
      return known;
    }
    const text = decode();
    own.set([length, first, second, third], from);
    this.#texts[place] = text;
    return text;
  }
}

/** The words of a vector of texts: its memory is private to the class, so this looks whether it is what we know. */
export function textWords(vector: DuckDBVector, rows: number): Uint32Array | undefined {
  const view: unknown = Reflect.get(vector, "dataView");
  if (!(view instanceof DataView) || view.byteLength !== rows * 16 || view.byteOffset % 4 !== 0)
    return undefined;
  return new Uint32Array(view.buffer, view.byteOffset, rows * 4);
}
