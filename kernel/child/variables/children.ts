/**
 * @file The parts of a value, a page at a time. A path's steps are array indexes, property names, and positions in a
 * Map or Set; an entry whose key is an object opens into `key` and `value`.
 */
import { types } from "node:util";
import type { VariablePath } from "../../protocol.ts";
import { previewValue } from "../rich/preview.ts";
import { isArray, isObject, ownKeys, readOwn, Unreadable } from "../rich/safe-read.ts";
import { isTypedArray } from "../tables/array-tables.ts";
import { VariableError, type VariableScope } from "./scope.ts";

/** A named part of a value. */
export interface Child {
  readonly name: string;
  readonly step: string | number;
  readonly value: unknown;
}

/** A Map's entry as something that opens into its key and value. */
class MapEntry {
  readonly key: unknown;
  readonly value: unknown;

  constructor(key: unknown, value: unknown) {
    this.key = key;
    this.value = value;
  }
}

/** How many children a value has. */
export function childCount(value: unknown): number {
  if (!isObject(value) || Unreadable.is(value)) return 0;
  if (isArray(value) || isTypedArray(value)) return value.length;
  if (types.isMap(value) || types.isSet(value)) return value.size;
  if (types.isDate(value) || types.isRegExp(value) || types.isAnyArrayBuffer(value)) return 0;
  if (types.isNativeError(value)) return errorFields(value).length;
  return ownKeys(value).length;
}

/** Children `offset` to `offset + limit`. */
export function childrenOf(value: unknown, offset: number, limit: number): Child[] {
  if (!isObject(value)) return [];
  const total = childCount(value);
  const end = Math.min(total, offset + limit);
  if (isArray(value) || isTypedArray(value)) {
    return range(offset, end).map((index) => ({
      name: String(index),
      step: index,
      value: readOwn(value, index),
    }));
  }
  if (types.isMap(value) || types.isSet(value)) return entriesOf(value, offset, end);
  const keys = types.isNativeError(value) ? errorFields(value) : ownKeys(value);
  return keys.slice(offset, end).map((key) => ({ name: key, step: key, value: readOwn(value, key) }));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

function errorFields(error: Error): string[] {
  const fields = ["message", "stack", "cause", "errors"].filter((name) => Object.hasOwn(error, name));
  return [...new Set([...fields, ...ownKeys(error)])];
}

function entriesOf(value: object, from: number, to: number): Child[] {
  const children: Child[] = [];
  let position = 0;
  // SAFETY: the caller has looked that it is a Map or a Set.
  const entries = types.isMap(value)
    ? Map.prototype.entries.call(value)
    : Set.prototype.values.call(value as Set<unknown>);
  for (const entry of entries) {
    if (position >= to) break;
    if (position >= from) children.push(entryChild(value, entry, position));
    position += 1;
  }
  return children;
}

function entryChild(holder: object, entry: unknown, position: number): Child {
  if (!types.isMap(holder)) return { name: String(position), step: position, value: entry };
  // SAFETY: a Map's entries are pairs.
  const [key, value] = entry as [unknown, unknown];
  const name = typeof key === "string" ? key.slice(0, 200) : previewValue(key, 60);
  return isObject(key)
    ? { name, step: position, value: new MapEntry(key, value) }
    : { name, step: position, value };
}

/** The value at a path; throws {@link VariableError} where it leads nowhere (any more). */
export function resolvePath(scope: VariableScope, path: VariablePath): unknown {
  const [name, ...steps] = path;
  if (typeof name !== "string") throw new VariableError("a path starts with a variable's name");
  let value = scope.value(name);
  for (const step of steps) value = stepInto(value, step);
  if (Unreadable.is(value)) throw new VariableError(`this can't be read: ${value.text}`);
  return value;
}

function stepInto(value: unknown, step: string | number): unknown {
  if (!isObject(value))
    throw new VariableError(`there is no ${JSON.stringify(step)} in ${previewValue(value, 60)}`);
  if ((types.isMap(value) || types.isSet(value)) && typeof step === "number") {
    const child = entriesOf(value, step, step + 1)[0];
    if (child === undefined) throw new VariableError(`there is no entry ${step} any more`);
    return child.value;
  }
  return readOwn(value, step);
}
