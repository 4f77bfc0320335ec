/**
 * @file Binary values inside widget state: ipywidgets sends them beside the JSON, with the paths where they belong.
 * See the "Jupyter widgets messaging protocol", section on binary data.
 */
import { types } from "node:util";
import { isTypedArray } from "../tables/array-tables.ts";
import { isArray, isObject, ownKeys, readOwn } from "../rich/safe-read.ts";

/** A path into the state: property names and array indexes. */
export type BufferPath = readonly (string | number)[];

/** State as it goes over the wire. */
export interface SplitState {
  readonly state: Record<string, unknown>;
  readonly bufferPaths: BufferPath[];
  readonly buffers: Uint8Array[];
}

const deepest = 32;

function bytesOf(value: unknown): Uint8Array | undefined {
  if (isTypedArray(value) || types.isDataView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return types.isAnyArrayBuffer(value) ? new Uint8Array(value) : undefined;
}

/** Takes the binary values out of the state: from objects the key goes, in arrays null stays. */
export function splitBuffers(state: Readonly<Record<string, unknown>>): SplitState {
  const bufferPaths: BufferPath[] = [];
  const buffers: Uint8Array[] = [];
  const walk = (value: unknown, path: BufferPath, parents: readonly object[]): unknown => {
    if (typeof value === "bigint") return value.toString();
    if (!isObject(value) || typeof value === "function") return value;
    if (types.isDate(value)) return value;
    if (parents.includes(value) || path.length > deepest) {
      throw new TypeError(`widget state must be JSON: ${path.join(".")} contains itself or is too deep`);
    }
    const inner = [...parents, value];
    const child = (key: string | number): unknown => {
      const entry = readOwn(value, key);
      const bytes = bytesOf(entry);
      if (bytes === undefined) return walk(entry, [...path, key], inner);
      bufferPaths.push([...path, key]);
      buffers.push(bytes);
      return undefined;
    };
    if (isArray(value)) return Array.from({ length: value.length }, (_, index) => child(index) ?? null);
    return Object.fromEntries(
      ownKeys(value).flatMap((key): [string, unknown][] => {
        const entry = child(key);
        return entry === undefined ? [] : [[key, entry]];
      }),
    );
  };
  // SAFETY: the walk of an object that is no array and no binary value gives an object.
  return { state: walk(state, [], []) as Record<string, unknown>, bufferPaths, buffers };
}

/** Puts received buffers back where their paths say, as DataViews; paths that lead nowhere are ignored. */
export function joinBuffers(
  state: Record<string, unknown>,
  bufferPaths: unknown,
  buffers: readonly Uint8Array[],
): Record<string, unknown> {
  if (!isArray(bufferPaths)) return state;
  bufferPaths.forEach((path, position) => {
    const buffer = buffers[position];
    if (buffer === undefined || !isArray(path) || path.length === 0) return;
    let holder: unknown = state;
    for (const step of path.slice(0, -1)) {
      holder = isObject(holder) && isStep(step) ? readOwn(holder, step) : undefined;
    }
    const last = path.at(-1);
    if (!isObject(holder) || !isStep(last)) return;
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    Object.defineProperty(holder, last, {
      value: view,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  });
  return state;
}

function isStep(step: unknown): step is string | number {
  return typeof step === "string" || typeof step === "number";
}
