/**
 * @file `util.inspect` whose cost is bounded whatever the value: breadth, depth and the total number of entries.
 *
 * Small values go to `util.inspect` as they are. A value with more than {@link entryBudget} entries within the
 * depth shown is first copied down to a mirror of its heads, which keeps prototypes, accessors and cycles.
 */
import { inspect, types, type InspectOptions } from "node:util";
import { isObject, ownKeys, readOwn, thrownText } from "./safe-read.ts";

const entryBudget = 2000;
const mirrorBudget = 1000;
const widest = 100;
const deepest = 4;
const longestText = 100_000;
/** Beyond, writing the decimal digits takes long: their number of steps grows with the square. */
const largestBigInt = 1n << 200_000n;

const options: InspectOptions = {
  depth: deepest,
  maxArrayLength: widest,
  maxStringLength: 10_000,
  breakLength: 100,
  colors: false,
};

/** What a REPL would print for the value; never throws and calls no getter. */
export function inspectText(value: unknown, overrides: InspectOptions = {}): string {
  try {
    if (typeof value === "string" && value.length > 10_000)
      return bounded(inspect(value, { ...options, ...overrides }));
    const shown =
      isVast(value) || (isObject(value) && countEntries(value) > entryBudget) ? mirror(value) : value;
    try {
      return bounded(inspect(shown, { ...options, ...overrides }));
    } catch {
      // A method under `util.inspect.custom` failed: the value is shown without it.
      return bounded(inspect(shown, { ...options, ...overrides, customInspect: false }));
    }
  } catch (thrown) {
    return `[unprintable value: ${thrownText(thrown).slice(0, 500)}]`;
  }
}

function isVast(value: unknown): value is bigint {
  return typeof value === "bigint" && (value > largestBigInt || value < -largestBigInt);
}

function bounded(text: string): string {
  return text.length <= longestText
    ? text
    : `${text.slice(0, longestText)}\n... ${text.length - longestText} more characters`;
}

/** Entries that `util.inspect` would visit, counted until the budget is spent. */
function countEntries(root: object): number {
  const seen = new Set<object>([root]);
  let level: object[] = [root];
  let count = 0;
  for (let depth = 0; depth <= deepest && level.length > 0; depth += 1) {
    const next: object[] = [];
    for (const object of level) {
      for (const entry of entriesOf(object)) {
        count += 1;
        if (count > entryBudget || isVast(entry)) return Infinity;
        if (isObject(entry) && !seen.has(entry)) {
          seen.add(entry);
          next.push(entry);
        }
      }
    }
    level = next;
  }
  return count;
}

function* entriesOf(object: object): Iterable<unknown> {
  if (types.isProxy(object)) return;
  if (ArrayBuffer.isView(object) || types.isAnyArrayBuffer(object)) return;
  if (Array.isArray(object)) {
    const length = Math.min(object.length, widest);
    for (let index = 0; index < length; index += 1) yield readOwn(object, index);
    return;
  }
  if (types.isMap(object)) {
    yield* head(Map.prototype.entries.call(object), (pair) => pair);
  } else if (types.isSet(object)) {
    yield* head(Set.prototype.values.call(object), (value) => [value]);
  }
  for (const key of ownKeys(object)) yield readOwn(object, key);
}

function* head<T>(iterator: Iterable<T>, flatten: (entry: T) => readonly unknown[]): Iterable<unknown> {
  let count = 0;
  for (const entry of iterator) {
    yield* flatten(entry);
    count += 1;
    if (count > widest) return;
  }
}

class More {
  readonly count: number;
  readonly noun: string;
  readonly nouns: string;

  constructor(count: number, noun: string, nouns: string) {
    this.count = count;
    this.noun = noun;
    this.nouns = nouns;
  }

  [inspect.custom](): string {
    return `... ${this.count} more ${this.count === 1 ? this.noun : this.nouns}`;
  }
}

class Elided {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  [inspect.custom](): string {
    return `[${this.name}]`;
  }
}

function mirror(root: unknown): unknown {
  const copies = new Map<object, object>();
  let left = mirrorBudget;

  const copy = (value: unknown, depth: number): unknown => {
    if (isVast(value)) return new Elided("a very large bigint");
    if (!isObject(value) || typeof value === "function") return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    left -= 1;
    if (types.isProxy(value)) return new Elided("Proxy");
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isDate(value)) return value;
    if (depth > deepest || left < 0) return new Elided(Array.isArray(value) ? "Array" : "Object");
    if (Array.isArray(value)) return copyArray(value, depth);
    if (types.isMap(value)) return copyMap(value, depth);
    if (types.isSet(value)) return copySet(value, depth);
    return copyObject(value, depth);
  };

  // Breadth shrinks with depth so that one wide branch doesn't spend the budget of its siblings.
  const breadth = (depth: number): number => Math.max(3, Math.floor(widest / 4 ** depth));

  const copyArray = (value: readonly unknown[], depth: number): object => {
    const result: unknown[] = [];
    copies.set(value, result);
    const length = Math.min(value.length, breadth(depth));
    for (let index = 0; index < length; index += 1) {
      if (index in value) result[index] = copy(readOwn(value, index), depth + 1);
      else result.length = index + 1;
    }
    if (value.length > length) result.push(new More(value.length - length, "item", "items"));
    return result;
  };

  const copyMap = (value: ReadonlyMap<unknown, unknown>, depth: number): object => {
    const result = new Map<unknown, unknown>();
    copies.set(value, result);
    for (const [key, entry] of Map.prototype.entries.call(value)) {
      if (result.size >= breadth(depth)) {
        result.set(new More(value.size - result.size, "entry", "entries"), new Elided("…"));
        break;
      }
      result.set(copy(key, depth + 1), copy(entry, depth + 1));
    }
    return result;
  };

  const copySet = (value: ReadonlySet<unknown>, depth: number): object => {
    const result = new Set<unknown>();
    copies.set(value, result);
    for (const entry of Set.prototype.values.call(value)) {
      if (result.size >= breadth(depth)) {
        result.add(new More(value.size - result.size, "item", "items"));
        break;
      }
      result.add(copy(entry, depth + 1));
    }
    return result;
  };

  const copyObject = (value: object, depth: number): object => {
    const result: object = Object.create(Object.getPrototypeOf(value));
    copies.set(value, result);
    const keys = ownKeys(value);
    const shown = Math.min(keys.length, breadth(depth));
    for (const key of keys.slice(0, shown)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
      if (descriptor === undefined) continue;
      if ("value" in descriptor) descriptor.value = copy(descriptor.value, depth + 1);
      Object.defineProperty(result, key, { ...descriptor, configurable: true });
    }
    if (keys.length > shown) {
      const more = new More(keys.length - shown, "property", "properties");
      Object.defineProperty(result, "...", { value: more, enumerable: true, configurable: true });
    }
    return result;
  };

  return copy(root, 0);
}
