/**
 * @file Any value as JSON, for MIME types that carry JSON: what JSON has no word for becomes what renderers take
 * (typed arrays to arrays, dates to ISO text, bigints to numbers or text, NaN and the infinities to null).
 *
 * Cycles and depths beyond {@link deepest} are cut to null; it never throws.
 */
import { types } from "node:util";
import { isTypedArray } from "../tables/array-tables.ts";
import { formatDate } from "./preview.ts";
import { isArray, isObject, ownKeys, readAny, readOwn, Unreadable } from "./safe-read.ts";

const deepest = 64;

/** A JSON value with nothing of the original in it that could still change or throw. */
export function toJson(value: unknown): unknown {
  return convert(value, 0, new Set());
}

function convert(value: unknown, depth: number, parents: Set<object>): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "bigint":
      return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
        ? Number(value)
        : value.toString();
    case "object":
      return value === null || depth > deepest || parents.has(value)
        ? null
        : convertObject(value, depth, parents);
    default:
      return null;
  }
}

function convertObject(value: object, depth: number, parents: Set<object>): unknown {
  if (Unreadable.is(value)) return null;
  if (types.isDate(value)) return formatDate(value);
  if (isTypedArray(value))
    return Array.from(value, (entry: number | bigint) => convert(entry, depth, parents));
  parents.add(value);
  try {
    if (isArray(value)) {
      return Array.from({ length: value.length }, (_, index) =>
        convert(readOwn(value, index), depth + 1, parents),
      );
    }
    if (types.isSet(value))
      return [...Set.prototype.values.call(value)].map((entry) => convert(entry, depth + 1, parents));
    if (types.isMap(value)) {
      return Object.fromEntries(
        [...Map.prototype.entries.call(value)].map(([key, entry]) => [
          typeof key === "symbol" ? key.toString() : String(isObject(key) ? "object" : key),
          convert(entry, depth + 1, parents),
        ]),
      );
    }
    const toJSON = readAny(value, "toJSON");
    if (typeof toJSON === "function") {
      try {
        return convert(Reflect.apply(toJSON, value, []), depth + 1, parents);
      } catch {
        return null;
      }
    }
    const result: [string, unknown][] = [];
    for (const key of ownKeys(value)) {
      const entry = readOwn(value, key);
      if (entry !== undefined && typeof entry !== "function")
        result.push([key, convert(entry, depth + 1, parents)]);
    }
    return Object.fromEntries(result);
  } finally {
    parents.delete(value);
  }
}
