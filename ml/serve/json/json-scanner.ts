/**
 * @file Reads JSON out of bytes, value by value, for who knows what comes.
 *
 * It takes less than all of JSON, and never more: whatever isn't the plain form sets `failed`, and the caller reads the body by
 * `JSON.parse` instead, which also tells what is wrong with it. Where it didn't fail, it gave what `JSON.parse` gives.
 */

const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const colon = 0x3a;
const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const point = 0x2e;

/** Powers of ten that doubles hold exactly. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** More than what sums of up to 21 digits and one quotient may be off, relative: five sums are rounded at most. */
const aboveOne = 1 + 2 ** -49;
const belowOne = 1 - 2 ** -49;

/** Where whole numbers are exact. */
const exactBelow = 2 ** 53;

/** A text with its quotes, as the scanner compares it. Only for texts without anything to escape. */
export function quotedBytes(text: string): Uint8Array {
  return Buffer.from(`"${text}"`);
}

const empty = Buffer.alloc(0);

/** A place in a body of JSON. */
export class JsonScanner {
  /** Whether something else came than was asked for. */
  failed = false;
  #bytes: Buffer = empty;
  #at = 0;

  /** Begins at a body's start. */
  start(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.failed = false;
  }

  /** Whether the body ends here, after a last white space. */
  isAtEnd(): boolean {
    return this.#next() === -1 && this.#at >= this.#bytes.length;
  }

  /** Lets go of the body. */
  stop(): void {
    this.#bytes = empty;
  }

  /** The next byte that is no white space, which stays; -1 at the end. */
  #next(): number {
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = this.#at;
    while (at < length) {
      const byte = bytes[at] ?? -1;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.#at = at;
        return byte;
      }
      at += 1;
    }
    this.#at = at;
    return -1;
  }

  #expect(byte: number): void {
    if (this.#next() === byte) this.#at += 1;
    else this.failed = true;
  }

  /** Whether the next byte is this; then it is read. */
  #take(byte: number): boolean {
    if (this.#next() !== byte) return false;
    this.#at += 1;
    return true;
  }

  /** Reads the `{` of an object; whether members follow. Its end is read where there are none. */
  beginObject(): boolean {
    this.#expect(openBrace);
    return !this.failed && !this.#take(closeBrace);
  }

  /** After a member: whether another follows. The end is read where none does. */
  nextMember(): boolean {
    if (this.failed || this.#take(closeBrace)) return false;
    this.#expect(comma);
    return !this.failed;
  }

  /** Reads the `[` of a list; whether values follow. Its end is read where there are none. */
  beginList(): boolean {
    this.#expect(openBracket);
    return !this.failed && !this.#take(closeBracket);
  }

  /** After a value: whether another follows. The end is read where none does. */
  nextValue(): boolean {
    if (this.failed || this.#take(closeBracket)) return false;
    this.#expect(comma);
    return !this.failed;
  }

  /** Whether a list comes. */
  get isList(): boolean {
    return this.#next() === openBracket;
  }

  /** Whether a text comes. */
  get isText(): boolean {
    return this.#next() === quote;
  }

  /** Reads the name of a member and its colon. */
  key(): string {
    const name = this.text();
    this.#expect(colon);
    return name;
  }

  /** Where the scanner stands. */
  get position(): number {
    return this.#at;
  }

  /** A copy of what was read since a position. */
  since(position: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, position, this.#at);
  }

  /** Whether exactly these bytes come; then they are read. */
  takeBytes(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    const { length } = expected;
    if (start + length > bytes.length) return false;
    for (let at = 0; at < length; at++) if (bytes[start + at] !== expected[at]) return false;
    this.#at = start + length;
    return true;
  }

  /** Whether this text comes, quotes included; then it is read. */
  takeQuoted(quoted: Uint8Array): boolean {
    if (this.#next() !== quote) return false;
    const bytes = this.#bytes;
    const start = this.#at;
    const { length } = quoted;
    for (let at = 1; at < length; at++) if (bytes[start + at] !== quoted[at]) return false;
    this.#at = start + length;
    return true;
  }

  /** Whether a member of this name comes; then its name and colon are read. */
  takeKey(quoted: Uint8Array): boolean {
    if (!this.takeQuoted(quoted)) return false;
    this.#expect(colon);
    return true;
  }

  /** Reads a text without escapes. */
  text(): string {
    this.#expect(quote);
    if (this.failed) return "";
    const bytes = this.#bytes;
    const first = this.#at;
    let at = first;
    let isAscii = true;
    for (;;) {
      const byte = bytes[at];
      if (byte === quote) break;
      if (byte === undefined || byte < 0x20 || byte === backslash) {
        this.failed = true;
        return "";
      }
      if (byte > 0x7f) isAscii = false;
      at += 1;
    }
    this.#at = at + 1;
    if (isAscii) return bytes.toString("latin1", first, at);
    const text = bytes.toString("utf8", first, at);
    // What is no UTF-8 became this character; a body that has it is read the other way.
    if (text.includes("\ufffd")) this.failed = true;
    return text;
  }

  /** Reads a number, or null as NaN where that may be; true and false are 1 and 0 where these may be. */
  cell(mayBeNull: boolean, mayBeBoolean: boolean): number {
    const byte = this.#next();
    if (byte === minus || (byte >= 0x30 && byte <= 0x39)) return this.number();
    if (mayBeNull && byte === 0x6e && this.#word("null")) return Number.NaN;
    if (mayBeBoolean && byte === 0x74 && this.#word("true")) return 1;
    if (mayBeBoolean && byte === 0x66 && this.#word("false")) return 0;
    this.failed = true;
    return 0;
  }

  /** Reads true or false as 1 or 0, or null as NaN where that may be. */
  truth(mayBeNull: boolean): number {
    const byte = this.#next();
    if (byte === 0x74 && this.#word("true")) return 1;
    if (byte === 0x66 && this.#word("false")) return 0;
    if (mayBeNull && byte === 0x6e && this.#word("null")) return Number.NaN;
    this.failed = true;
    return 0;
  }

  #word(word: string): boolean {
    for (let at = 0; at < word.length; at++)
      if (this.#bytes[this.#at + at] !== word.charCodeAt(at)) return false;
    this.#at += word.length;
    return true;
  }

  /**
   * Reads a number. Fewer than 2^53 as digits and at most 22 of them behind the point: the quotient of two exact doubles is
   * the nearest double (Clinger 1990); `Number` reads all others.
   * @param forSingle the number is to be rounded to float32: one of more digits may then be another double of the same float32
   */
  number(forSingle = false): number {
    let byte = this.#next();
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    if (byte === minus) byte = bytes[++at] ?? -1;
    const first = at;
    let digits = 0;
    if (byte === 0x30) byte = bytes[++at] ?? -1;
    else {
      while (byte >= 0x30 && byte <= 0x39) {
        digits = digits * 10 + (byte - 0x30);
        byte = bytes[++at] ?? -1;
      }
      if (at === first) {
        this.failed = true;
        return 0;
      }
    }
    let places = 0;
    if (byte === point) {
      const behind = at + 1;
      byte = bytes[++at] ?? -1;
      while (byte >= 0x30 && byte <= 0x39) {
        digits = digits * 10 + (byte - 0x30);
        byte = bytes[++at] ?? -1;
      }
      places = at - behind;
      if (places === 0) {
        this.failed = true;
        return 0;
      }
    }
    if (byte === 0x65 || byte === 0x45) {
      at = this.#exponentEnd(at + 1);
      places = powersOfTen.length;
    }
    // A digit after a leading zero is no JSON.
    if (byte >= 0x30 && byte <= 0x39) this.failed = true;
    this.#at = at;
    if (digits >= exactBelow || places >= powersOfTen.length) {
      if (forSingle && digits < 1e21 && places < powersOfTen.length) {
        const close = digits / (powersOfTen[places] ?? 1);
        const single = Math.fround(close);
        if (single === Math.fround(close * aboveOne) && single === Math.fround(close * belowOne))
          return first === start ? single : -single;
      }
      return Number(bytes.toString("latin1", start, at));
    }
    const value = places === 0 ? digits : digits / (powersOfTen[places] ?? 1);
    return first === start ? value : -value;
  }

  #exponentEnd(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    if (bytes[at] === 0x2b || bytes[at] === minus) at += 1;
    const first = at;
    for (let byte = bytes[at] ?? -1; byte >= 0x30 && byte <= 0x39; byte = bytes[at] ?? -1) at += 1;
    if (at === first) this.failed = true;
    return at;
  }
}
