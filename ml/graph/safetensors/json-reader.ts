/**
 * @file Reads JSON (RFC 8259) piece by piece, for headers of up to 100 MB from anywhere.
 *
 * The caller says what it expects, so that nothing else takes memory: a hundred million brackets become no arrays.
 * What it doesn't want is passed over, 128 deep at most, as in the reference implementation.
 */
import { SafetensorsFileError } from "../errors.ts";

const deepest = 128;
const quote = 0x22;
const backslash = 0x5c;

/** A position in a JSON text. */
export class JsonReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * An object: calls `member` with each name, which must read the value.
   * @throws {SafetensorsFileError} where a name is there twice
   */
  object(member: (name: string) => void): void {
    const seen = new Set<string>();
    this.#expect("{");
    if (this.#accept("}")) return;
    do {
      const name = this.text();
      if (seen.has(name)) throw this.#wrong(`${JSON.stringify(name)} is there twice`);
      seen.add(name);
      this.#expect(":");
      member(name);
    } while (this.#accept(","));
    this.#expect("}");
  }

  /** An array of whole numbers from 0 to 2⁵³ − 1, written without fraction or exponent. */
  counts(): number[] {
    const counts: number[] = [];
    this.#expect("[");
    if (this.#accept("]")) return counts;
    do counts.push(this.#count());
    while (this.#accept(","));
    this.#expect("]");
    return counts;
  }

  /** A string. */
  text(): string {
    this.#space();
    const start = this.#position;
    this.#passText();
    const literal = this.#text.slice(start, this.#position);
    try {
      const parsed: unknown = JSON.parse(literal);
      if (typeof parsed === "string") return parsed;
    } catch {
      // Said below.
    }
    throw this.#wrong("a text is no JSON string");
  }

  /** Passes over any value. */
  skip(depth = 0): void {
    if (depth > deepest) throw this.#wrong(`values are nested more than ${deepest} deep`);
    this.#space();
    const first = this.#text[this.#position];
    if (first === "{") this.object(() => this.skip(depth + 1));
    else if (first === "[") {
      this.#expect("[");
      if (this.#accept("]")) return;
      do this.skip(depth + 1);
      while (this.#accept(","));
      this.#expect("]");
    } else if (first === '"') this.text();
    else this.#match(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y, "a value");
  }

  /** @throws {SafetensorsFileError} where anything but white space follows */
  end(): void {
    this.#space();
    if (this.#position < this.#text.length) throw this.#wrong("something follows the JSON");
  }

  #count(): number {
    this.#space();
    const digits = this.#match(/0|[1-9]\d{0,15}(?![\d.eE])/y, "a whole number below 2^53");
    const count = Number(digits);
    if (!Number.isSafeInteger(count)) throw this.#wrong("a number is beyond 2^53");
    return count;
  }

  /** Not by a pattern: on a very long text those run out of stack. */
  #passText(): void {
    if (this.#text.charCodeAt(this.#position) !== quote) throw this.#wrong("a text is expected");
    let position = this.#position + 1;
    for (;;) {
      const code = this.#text.charCodeAt(position);
      if (Number.isNaN(code)) throw this.#wrong("a text has no end");
      if (code === quote) break;
      position += code === backslash ? 2 : 1;
    }
    this.#position = position + 1;
  }

  #match(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.#wrong(`${what} is expected`);
    this.#position += found.length;
    return found;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) throw this.#wrong(`"${character}" is expected`);
  }

  #accept(character: string): boolean {
    this.#space();
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#position++;
    }
  }

  #wrong(what: string): SafetensorsFileError {
    return new SafetensorsFileError(`the header is wrong: ${what} (character ${this.#position})`);
  }
}
