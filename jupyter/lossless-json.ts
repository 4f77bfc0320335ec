/**
 * @file JSON that comes out as it went in.
 *
 * JavaScript's own JSON loses what other programs wrote: `1.0` and 64-bit integers change, keys that look like
 * numbers move to the front. Here values are plain JavaScript ones, and what they cannot express (the source text of
 * such numbers, the order of such keys) is remembered beside the object that holds it, for as long as the value there
 * is unchanged.
 */

type Container = Record<string, unknown> | unknown[];

interface Remembered {
  /** By key or index: the source text of a number that JavaScript would write otherwise. */
  numbers?: Map<string, string>;
  /** The keys in their order in the file, where JavaScript orders them otherwise. */
  keys?: string[];
}

const remembered = new WeakMap<Container, Remembered>();

/** Parses JSON text. @throws {SyntaxError} with line and column. */
export function parseJson(text: string): unknown {
  return new Parser(text).parse();
}

/** JSON text with `indent` spaces for each level. */
export function stringifyJson(value: unknown, indent: number): string {
  const parts: string[] = [];
  write(value, "\n", " ".repeat(indent), undefined, parts);
  return parts.join("");
}

// With what Python writes for numbers that JSON has not.
const numberPattern = /NaN|-?(?:Infinity|(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const spacePattern = /[ \t\r\n]*/y;
const stringEnd = /["\\]/g;
const indexKey = /^(?:0|[1-9]\d*)$/;

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.startsWith("\uFEFF") ? text.slice(1) : text;
  }

  parse(): unknown {
    this.#skipSpace();
    const value = this.#value(undefined, "");
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail();
    return value;
  }

  #value(holder: Container | undefined, key: string): unknown {
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number(holder, key);
    }
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    const keys: string[] = [];
    let hasIndexKeys = false;
    this.#at += 1;
    this.#skipSpace();
    if (this.#take("}")) return object;
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') this.#fail();
      const key = this.#string();
      this.#skipSpace();
      if (!this.#take(":")) this.#fail();
      this.#skipSpace();
      const value = this.#value(object, key);
      if (!Object.hasOwn(object, key)) keys.push(key);
      // Not assigned: "__proto__" is a key like any other.
      if (key === "__proto__") {
        Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
      } else object[key] = value;
      hasIndexKeys ||= indexKey.test(key);
      this.#skipSpace();
    } while (this.#take(","));
    if (!this.#take("}")) this.#fail();
    if (hasIndexKeys) remember(object).keys = keys;
    return object;
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#take("]")) return array;
    do {
      this.#skipSpace();
      array.push(this.#value(array, String(array.length)));
      this.#skipSpace();
    } while (this.#take(","));
    if (!this.#take("]")) this.#fail();
    return array;
  }

  #string(): string {
    const start = this.#at;
    stringEnd.lastIndex = start + 1;
    for (;;) {
      const found = stringEnd.exec(this.#text);
      if (found === null) {
        this.#at = this.#text.length;
        return this.#fail();
      }
      if (found[0] === '"') break;
      stringEnd.lastIndex = found.index + 2;
    }
    this.#at = stringEnd.lastIndex;
    try {
      // SAFETY: a JSON string literal parses to a string; control characters and wrong escapes throw.
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      this.#at = start;
      return this.#fail();
    }
  }

  #number(holder: Container | undefined, key: string): number {
    numberPattern.lastIndex = this.#at;
    const source = numberPattern.exec(this.#text)?.[0];
    if (source === undefined) return this.#fail();
    this.#at += source.length;
    const value = Number(source);
    if (holder !== undefined && JSON.stringify(value) !== source) {
      const about = remember(holder);
      about.numbers ??= new Map();
      about.numbers.set(key, source);
    }
    return value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) return this.#fail();
    this.#at += word.length;
    return value;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    spacePattern.lastIndex = this.#at;
    spacePattern.exec(this.#text);
    this.#at = spacePattern.lastIndex;
  }

  #fail(): never {
    const before = this.#text.slice(0, this.#at).split("\n");
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    const found = this.#text[this.#at];
    throw new SyntaxError(
      found === undefined
        ? `the text ends too early, at ${place}`
        : `unexpected ${JSON.stringify(found)} at ${place}`,
    );
  }
}

function remember(holder: Container): Remembered {
  let about = remembered.get(holder);
  if (about === undefined) {
    about = {};
    remembered.set(holder, about);
  }
  return about;
}

/** `newline` is a line break with the current indentation. */
function write(
  value: unknown,
  newline: string,
  indent: string,
  source: string | undefined,
  parts: string[],
): void {
  if (typeof value === "number" && source !== undefined && Object.is(Number(source), value))
    parts.push(source);
  else if (typeof value !== "object" || value === null) parts.push(JSON.stringify(value) ?? "null");
  else if (Array.isArray(value)) writeArray(value, newline, indent, parts);
  else if ("toJSON" in value && typeof value.toJSON === "function") {
    parts.push(JSON.stringify(value, undefined, indent).replaceAll("\n", newline));
    // SAFETY: every object that is no array has string keys.
  } else writeObject(value as Record<string, unknown>, newline, indent, parts);
}

function writeArray(array: unknown[], newline: string, indent: string, parts: string[]): void {
  const inner = newline + indent;
  const numbers = remembered.get(array)?.numbers;
  let separator = "[";
  for (const [index, value] of array.entries()) {
    parts.push(separator, inner);
    write(value, inner, indent, numbers?.get(String(index)), parts);
    separator = ",";
  }
  parts.push(separator === "[" ? "[]" : `${newline}]`);
}

function writeObject(
  object: Record<string, unknown>,
  newline: string,
  indent: string,
  parts: string[],
): void {
  const inner = newline + indent;
  const about = remembered.get(object);
  let separator = "{";
  for (const key of keysInOrder(object, about?.keys)) {
    const value = object[key];
    if (value === undefined) continue;
    parts.push(separator, inner, JSON.stringify(key), ": ");
    write(value, inner, indent, about?.numbers?.get(key), parts);
    separator = ",";
  }
  parts.push(separator === "{" ? "{}" : `${newline}}`);
}

function keysInOrder(
  object: Record<string, unknown>,
  keys: readonly string[] | undefined,
): readonly string[] {
  if (keys === undefined) return Object.keys(object);
  const kept = keys.filter((key) => Object.hasOwn(object, key));
  const known = new Set(kept);
  return [...kept, ...Object.keys(object).filter((key) => !known.has(key))];
}
