/**
 * @file Texts of a column, decoded once. DuckDB describes each by four words: of up to twelve bytes the length and the bytes
 * themselves, filled up with zeros; of more the length, the first four bytes and the address. So a text that was met before
 * is known by its words, which is twenty times as fast as decoding it, and columns of categories have one instance of each.
 *
 * An address means the same text only as long as its chunk lives: longer texts are known within a chunk, where those that
 * a file keeps in a dictionary have one address.
 */
import type { DuckDBVector } from "@duckdb/node-api";

const places = 8192;
/** Places that a text may have: in one only, two texts of it would push each other out, row after row. */
const ways = 4;
const longest = 12;

/** Gives texts numbers: a cache of decoded ones, a place for each hash of their words. */
export class KnownTexts {
  /** The text of each number; number 0 is for a row without one. */
  readonly texts: (string | null)[] = [null];
  readonly #words = new Int32Array(places * 4);
  readonly #numbers = new Uint32Array(places);
  /** The chunk in which the text of a place was met. */
  readonly #chunks = new Uint32Array(places);
  #chunk = 0;

  /**
   * Writes the numbers of a chunk's texts, one for each of `numbers`. A text that isn't known is what `decode` gives for its
   * row; a row whose bit in `valid` isn't set has none.
   */
  read(
    words: Int32Array,
    valid: Uint32Array | undefined,
    decode: (row: number) => string,
    numbers: Uint32Array,
  ): void {
    this.#chunk += 1;
    for (let row = 0; row < numbers.length; row++) {
      // A row without a value has words, too, but they mean nothing.
      const isMissing = valid !== undefined && (((valid[row >> 5] ?? 0) >>> (row & 31)) & 1) === 0;
      numbers[row] = isMissing ? 0 : this.#number(words, row, decode);
    }
  }

  #number(words: Int32Array, row: number, decode: (row: number) => string): number {
    const own = this.#words;
    const length = words[row * 4] ?? 0;
    const first = words[row * 4 + 1] ?? 0;
    const second = words[row * 4 + 2] ?? 0;
    const third = words[row * 4 + 3] ?? 0;
    const mixed = Math.imul(
      Math.imul(first ^ Math.imul(second, 0x85eb_ca6b), 0x9e37_79b1) ^ third,
      0xc2b2_ae35,
    );
    const home = (mixed >>> 16) & (places - 1);
    // Where a text isn't known, it takes the place that is empty (number 0), or whose text was decoded first.
    let place = home;
    for (let tries = 0; tries < ways; tries++) {
      const candidate = home ^ tries;
      const known = this.#numbers[candidate] ?? 0;
      const from = candidate * 4;
      if (
        known > 0 &&
        own[from] === length &&
        own[from + 1] === first &&
        own[from + 2] === second &&
        own[from + 3] === third &&
        (length <= longest || this.#chunks[candidate] === this.#chunk)
      ) {
        return known;
      }
      if (known < (this.#numbers[place] ?? 0)) place = candidate;
    }
    const number = this.texts.push(decode(row)) - 1;
    const from = place * 4;
    own[from] = length;
    own[from + 1] = first;
    own[from + 2] = second;
    own[from + 3] = third;
    this.#numbers[place] = number;
    this.#chunks[place] = this.#chunk;
    return number;
  }
}

/** The words of a vector of texts: its memory is private to the class, so this looks whether it is what we know. */
export function textWords(vector: DuckDBVector, rows: number): Int32Array | undefined {
  const view: unknown = Reflect.get(vector, "dataView");
  if (!(view instanceof DataView) || view.byteLength !== rows * 16 || view.byteOffset % 4 !== 0)
    return undefined;
  return new Int32Array(view.buffer, view.byteOffset, rows * 4);
}
