/** @file Universal Binary JSON (ubjson.org, draft 12), as XGBoost writes it: numbers are big-endian. */
import { ForestFileError } from "./errors.ts";

const deepest = 64;
const sizes: Readonly<Record<string, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8, C: 1 };

/**
 * The value that UBJSON bytes hold, as `JSON.parse` would give it.
 * @throws {@link ForestFileError} where the bytes are cut off or no UBJSON
 */
export function decodeUbjson(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(reader.marker(), 0);
  if (!reader.isAtEnd) throw new ForestFileError(`there are bytes behind the value, from ${reader.at}`);
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next marker that means something. */
  marker(): string {
    for (;;) {
      const marker = String.fromCharCode(this.#bytes[this.#take(1)] ?? 0);
      if (marker !== "N") return marker;
    }
  }

  value(marker: string, depth: number): unknown {
    if (depth > deepest) throw new ForestFileError(`values are nested deeper than ${deepest}`);
    switch (marker) {
      case "Z":
        return null;
      case "T":
        return true;
      case "F":
        return false;
      case "S":
        return this.#text();
      case "C":
        return String.fromCharCode(this.#number("U"));
      case "[":
        return this.#array(depth);
      case "{":
        return this.#object(depth);
      default:
        return this.#number(marker);
    }
  }

  #array(depth: number): unknown[] {
    const { type, count } = this.#head();
    const values: unknown[] = [];
    if (count === undefined) {
      for (let marker = this.marker(); marker !== "]"; marker = this.marker())
        values.push(this.value(marker, depth + 1));
      return values;
    }
    for (let index = 0; index < count; index++) values.push(this.value(type ?? this.marker(), depth + 1));
    return values;
  }

  #object(depth: number): Record<string, unknown> {
    const { type, count } = this.#head();
    const entries: [string, unknown][] = [];
    const entry = (): void => {
      const name = this.#text();
      entries.push([name, this.value(type ?? this.marker(), depth + 1)]);
    };
    if (count === undefined) {
      while (this.#peek() !== "}") entry();
      this.#at++;
    } else {
      for (let index = 0; index < count; index++) entry();
    }
    return Object.fromEntries(entries);
  }

  /** The type and number of a container's values, where they are said. */
  #head(): { readonly type: string | undefined; readonly count: number | undefined } {
    let type: string | undefined;
    if (this.#peek() === "$") {
      this.#at++;
      type = String.fromCharCode(this.#bytes[this.#take(1)] ?? 0);
    }
    if (this.#peek() !== "#") {
      if (type !== undefined) throw new ForestFileError(`a container has a type and no count at ${this.#at}`);
      return { type, count: undefined };
    }
    this.#at++;
    const count = this.#count();
    // Every value takes a byte at least, so that a count can't ask for more than the file could hold.
    const least =
      type === undefined ? 1 : (sizes[type] ?? (type === "S" || type === "[" || type === "{" ? 1 : 0));
    if (count > 0 && least === 0)
      throw new ForestFileError(`a container of "${type}" is no part of a model, at ${this.#at}`);
    if (count * least > this.#bytes.length - this.#at)
      throw new ForestFileError(`${count} values are said to come at ${this.#at}, and the file is shorter`);
    return { type, count };
  }

  #peek(): string {
    while (this.#bytes[this.#at] === 0x4e) this.#at++;
    if (this.isAtEnd) throw new ForestFileError(`the file is cut off at ${this.#at}`);
    return String.fromCharCode(this.#bytes[this.#at] ?? 0);
  }

  #count(): number {
    const marker = this.marker();
    const count = "iUIlL".includes(marker) ? this.#number(marker) : Number.NaN;
    if (!Number.isSafeInteger(count) || count < 0)
      throw new ForestFileError(`there is no length where one is needed, at ${this.#at}`);
    return count;
  }

  #text(): string {
    const length = this.#count();
    const start = this.#take(length);
    return new TextDecoder().decode(this.#bytes.subarray(start, start + length));
  }

  #number(marker: string): number {
    const size = sizes[marker];
    if (size === undefined)
      throw new ForestFileError(`there is no type ${JSON.stringify(marker)}, at ${this.#at}`);
    const at = this.#take(size);
    switch (marker) {
      case "i":
        return this.#view.getInt8(at);
      case "U":
        return this.#view.getUint8(at);
      case "I":
        return this.#view.getInt16(at);
      case "l":
        return this.#view.getInt32(at);
      case "L":
        return Number(this.#view.getBigInt64(at));
      case "d":
        return this.#view.getFloat32(at);
      default:
        return this.#view.getFloat64(at);
    }
  }

  #take(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start)
      throw new ForestFileError(`the file is cut off at ${this.#bytes.length}`);
    this.#at += count;
    return start;
  }
}
