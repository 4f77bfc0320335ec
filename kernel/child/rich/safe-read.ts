/**
 * @file Reading values of user code without running it where that can be avoided, and without ever throwing.
 *
 * Accessors are not called: what they would give is shown as {@link Unreadable}. Proxies' traps do run (frames of
 * several libraries are proxies) and whatever they throw is caught.
 */

/** Stands for a field that could not be read, or that only a getter could give. */
export class Unreadable {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  /** Unlike `instanceof`, takes revoked proxies. */
  static is(value: unknown): value is Unreadable {
    return typeof value === "object" && value !== null && #text in value;
  }
}

/** True for what has properties of its own: objects and functions. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** An error's message, or a text for whatever else was thrown. Never throws. */
export function thrownText(thrown: unknown): string {
  try {
    if (thrown instanceof Error) {
      const message: unknown = thrown.message;
      return typeof message === "string" ? message : "an error without a message";
    }
    return typeof thrown === "symbol" ? thrown.toString() : String(thrown);
  } catch {
    return "an error that can't be shown";
  }
}

/** The value of an own data property; undefined where there is none. Never throws and calls no getter. */
export function readOwn(object: object, key: PropertyKey): unknown {
  try {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    if (descriptor === undefined) return undefined;
    return "value" in descriptor ? descriptor.value : new Unreadable("[Getter]");
  } catch (thrown) {
    return new Unreadable(thrownText(thrown));
  }
}

/**
 * A property by plain access, getters and prototypes included, for the detection of library objects; undefined
 * where that throws.
 */
export function readAny(object: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return undefined;
  }
}

/** The own enumerable string keys; empty where a proxy refuses. */
export function ownKeys(object: object): string[] {
  try {
    return Object.keys(object);
  } catch {
    return [];
  }
}

/** `Array.isArray` that takes revoked proxies. */
export function isArray(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** An array's element without calling getters. */
export function elementAt(array: readonly unknown[], index: number): unknown {
  return readOwn(array, index);
}

/** The name of the constructor found on the prototype chain, without calling getters; undefined for null prototypes. */
export function constructorName(object: object): string | undefined {
  try {
    let prototype: unknown = Object.getPrototypeOf(object);
    for (let depth = 0; isObject(prototype) && depth < 100; depth += 1) {
      const constructor = readOwn(prototype, "constructor");
      if (typeof constructor === "function") {
        const name = readOwn(constructor, "name");
        if (typeof name === "string" && name !== "") return name.slice(0, 200);
      }
      prototype = Object.getPrototypeOf(prototype);
    }
  } catch {
    return "Proxy";
  }
  return undefined;
}

/** What people would call the value's type: `number`, `Date`, `Flight`, `null`. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "function") return isClass(value) ? "class" : "function";
  if (typeof value !== "object") return typeof value;
  return constructorName(value) ?? "Object";
}

/** True for functions written as classes. */
export function isClass(value: unknown): boolean {
  if (typeof value !== "function") return false;
  try {
    return /^class\b/.test(Function.prototype.toString.call(value));
  } catch {
    return false;
  }
}
