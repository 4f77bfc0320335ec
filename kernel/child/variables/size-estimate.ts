/** @file How much memory a value holds, roughly, at a cost that doesn't grow with it. */
import { types } from "node:util";
import { isTypedArray } from "../tables/array-tables.ts";
import { sampleRows } from "../tables/column-type.ts";
import { engineBytes } from "../tables/engine-tables.ts";
import { isArray, isObject, ownKeys, readAny, readOwn } from "../rich/safe-read.ts";
import { tensorView } from "../tables/tensor-table.ts";

const visits = 500;
const pointer = 8;
const objectHeader = 24;

/**
 * Bytes, from a sample of at most {@link visits} entries: exact for buffers and strings, extrapolated for
 * collections. What several values share is counted for each. Undefined where only the library knows.
 */
export function estimateBytes(root: unknown): number | undefined {
  const seen = new Set<object>();
  let left = visits;

  const sizeOf = (value: unknown): number => {
    switch (typeof value) {
      case "string":
        return 16 + value.length * 2;
      case "number":
        return pointer;
      case "bigint":
        return 16;
      case "object":
        return value === null ? 0 : sizeOfObject(value);
      case "function":
        return 64;
      default:
        return 0;
    }
  };

  const sizeOfObject = (value: object): number => {
    if (seen.has(value) || left <= 0) return 0;
    seen.add(value);
    left -= 1;
    if (types.isProxy(value)) return objectHeader;
    if (isTypedArray(value) || types.isDataView(value) || types.isAnyArrayBuffer(value)) {
      return objectHeader + value.byteLength;
    }
    if (isArray(value))
      return (
        objectHeader + value.length * pointer + sizeOfSample(value.length, (index) => readOwn(value, index))
      );
    if (types.isMap(value))
      return objectHeader + sizeOfHead(Map.prototype.entries.call(value), value.size, 3);
    if (types.isSet(value)) return objectHeader + sizeOfHead(Set.prototype.values.call(value), value.size, 2);
    const keys = ownKeys(value);
    return (
      objectHeader +
      keys.length * pointer +
      sizeOfSample(keys.length, (index) => readOwn(value, keys[index] ?? ""))
    );
  };

  /** Extrapolated from what the budget allowed to look at; scalars are known without a visit. */
  const sizeOfSample = (length: number, read: (index: number) => unknown): number => {
    let sum = 0;
    let count = 0;
    for (const index of sampleRows(length, 64)) {
      const entry = read(index);
      if (isObject(entry) && left <= 0) break;
      sum += typeof entry === "number" ? 0 : sizeOf(entry);
      count += 1;
    }
    return count === 0 ? 0 : (sum / count) * length;
  };

  const sizeOfHead = (entries: Iterable<unknown>, size: number, slots: number): number => {
    let sum = 0;
    let count = 0;
    for (const entry of entries) {
      if (count >= 64 || left <= 0) break;
      sum +=
        isArray(entry) && slots === 3 ? sizeOf(readOwn(entry, 0)) + sizeOf(readOwn(entry, 1)) : sizeOf(entry);
      count += 1;
    }
    return size * slots * pointer + (count === 0 ? 0 : (sum / count) * size);
  };

  if (isObject(root) && typeof root !== "function") {
    const tensor = types.isProxy(root) ? undefined : tensorView(root);
    if (tensor !== undefined) {
      const bytes = tensor.values === undefined ? undefined : readAny(tensor.values, "byteLength");
      return typeof bytes === "number" ? bytes : undefined;
    }
    const engine = engineBytes(root);
    if (engine !== undefined) return engine;
    if (types.isProxy(root)) return undefined;
  }
  return Math.round(sizeOf(root));
}
