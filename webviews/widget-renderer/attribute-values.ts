/** @file A widget's values as its code sees them, with binary parts in their places, from and to the attributes that travel. */
import type { Attribute } from "./protocol.ts";

type Path = readonly (string | number)[];
type Buffers = Attribute["buffers"];

const deepest = 32;
const chunk = 0x8000;

/** The bytes of base64 text. */
export function fromBase64(text: string): DataView<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return new DataView(bytes.buffer);
}

/** Base64 text of bytes. */
export function toBase64(data: ArrayBuffer | ArrayBufferView): string {
  const bytes =
    data instanceof ArrayBuffer
      ? new Uint8Array(data)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let binary = "";
  for (let start = 0; start < bytes.length; start += chunk)
    binary += String.fromCharCode(...bytes.subarray(start, start + chunk));
  return btoa(binary);
}

/** The value of an attribute; binary parts are DataViews, as Jupyter's frontends have them. */
export function valueOf({ value, buffers }: Attribute): unknown {
  let whole: unknown = value;
  for (const { path, base64 } of buffers) {
    const last = path.at(-1);
    if (last === undefined) {
      whole = fromBase64(base64);
      continue;
    }
    let holder: unknown = whole;
    for (const step of path.slice(0, -1)) holder = ownEntry(holder, step);
    if (typeof holder !== "object" || holder === null) continue;
    // Not by assignment: a path may be named __proto__.
    const entry = { value: fromBase64(base64), writable: true, enumerable: true, configurable: true };
    Object.defineProperty(holder, last, entry);
  }
  return whole;
}

/** An attribute of a value. @throws {TypeError} where the value contains itself */
export function attributeOf(value: unknown): Attribute {
  const buffers: Buffers = [];
  return { value: withoutBinary(value, [], buffers), buffers };
}

function withoutBinary(value: unknown, path: Path, buffers: Buffers): unknown {
  if (path.length > deepest) throw new TypeError(`the widget's state is too deep, or contains itself`);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    buffers.push({ path: [...path], base64: toBase64(value) });
    return null;
  }
  if (Array.isArray(value))
    return value.map((entry, index) => withoutBinary(entry, [...path, index], buffers));
  // What has a JSON form of its own keeps it.
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, withoutBinary(entry, [...path, key], buffers)]),
  );
}

function ownEntry(holder: unknown, step: string | number): unknown {
  if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, step)) return undefined;
  return Reflect.get(holder, step);
}
