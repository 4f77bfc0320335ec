/**
 * @file One bounded line for any value, as shown in table cells and in lists of variables. No getter is called and
 * nothing here throws.
 */
import { types } from "node:util";
import { isArray, isObject, ownKeys, readOwn, thrownText, typeName, Unreadable } from "./safe-read.ts";

const fewEntries = 5;

/** A number as people read it: integers whole, others with six significant digits. */
export function formatNumber(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e9 || magnitude < 1e-4) return value.toExponential(4).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(6)));
}

/** A count with thousands separators. */
export function formatCount(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** A date as ISO 8601 text, or `Invalid Date`. */
export function formatDate(value: Date): string {
  const time = Date.prototype.getTime.call(value);
  return Number.isNaN(time) ? "Invalid Date" : new Date(time).toISOString();
}

/** One line of at most `longest` characters. */
export function previewValue(value: unknown, longest = 120): string {
  try {
    return clip(previewAt(value, 0, longest), longest);
  } catch (thrown) {
    return clip(`[unreadable: ${thrownText(thrown)}]`, longest);
  }
}

/** The text cut to `longest` characters, never inside a surrogate pair. */
export function clip(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const end = longest - 1;
  const code = text.charCodeAt(end - 1);
  return `${text.slice(0, code >= 0xd800 && code <= 0xdbff ? end - 1 : end)}…`;
}

function previewAt(value: unknown, depth: number, longest: number): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(clip(value, longest));
    case "number":
      return formatNumber(value);
    case "bigint":
      return `${previewBigInt(value)}n`;
    case "symbol":
      return value.toString();
    case "undefined":
    case "boolean":
      return String(value);
    case "function":
      return previewFunction(value);
    default:
      return isObject(value) ? previewObject(value, depth, longest) : "null";
  }
}

function previewBigInt(value: bigint): string {
  // Converting a huge bigint to decimal is quadratic; hexadecimal is linear, and its length tells the size.
  const limit = 1n << 4096n;
  return value < limit && value > -limit ? String(value) : "a bigint of more than 1,233 digits";
}

function previewFunction(value: object): string {
  const name = readOwn(value, "name");
  const kind = typeName(value);
  return typeof name === "string" && name !== "" ? `${kind} ${name}` : `${kind} (anonymous)`;
}

function previewObject(value: object, depth: number, longest: number): string {
  if (Unreadable.is(value)) return value.text;
  if (types.isProxy(value)) return `Proxy(${typeName(value)})`;
  if (types.isDate(value)) return formatDate(value);
  if (types.isRegExp(value)) return RegExp.prototype.toString.call(value);
  if (types.isNativeError(value)) {
    const message = readOwn(value, "message");
    return `${typeName(value)}: ${typeof message === "string" ? message : ""}`;
  }
  if (isArray(value)) return previewList(value, value.length, "", depth, longest);
  if (ArrayBuffer.isView(value) && !types.isDataView(value)) {
    // SAFETY: every view but a DataView is a typed array, which is indexed and has a length.
    const array = value as Uint8Array;
    return previewList(array, array.length, typeName(value), depth, longest);
  }
  if (types.isMap(value)) return `Map(${formatCount(value.size)}) ${previewMap(value, depth, longest)}`;
  if (types.isSet(value)) return `Set(${formatCount(value.size)}) ${previewSet(value, depth, longest)}`;
  if (types.isPromise(value)) return "Promise";
  if (types.isAnyArrayBuffer(value)) return `${typeName(value)}(${formatCount(value.byteLength)} bytes)`;
  if (value instanceof URL) return value.href;
  const name = typeName(value);
  const body = previewFields(value, depth, longest);
  return name === "Object" ? body : `${name} ${body}`;
}

function previewList(
  list: ArrayLike<unknown>,
  length: number,
  name: string,
  depth: number,
  longest: number,
): string {
  const label = `${name}(${formatCount(length)}) `;
  if (depth > 1) return `${label.trim()} […]`;
  const parts: string[] = [];
  let used = label.length;
  for (let index = 0; index < length && used < longest; index += 1) {
    const part = previewAt(readOwn(list, index), depth + 1, 40);
    parts.push(part);
    used += part.length + 2;
  }
  return `${label}[${parts.join(", ")}${parts.length < length ? ", …" : ""}]`;
}

function previewMap(map: ReadonlyMap<unknown, unknown>, depth: number, longest: number): string {
  if (depth > 1) return "{…}";
  const parts: string[] = [];
  for (const [key, entry] of Map.prototype.entries.call(map)) {
    if (parts.length >= fewEntries || parts.join(", ").length > longest) break;
    parts.push(`${previewAt(key, depth + 1, 40)} => ${previewAt(entry, depth + 1, 40)}`);
  }
  return `{${parts.join(", ")}${parts.length < map.size ? ", …" : ""}}`;
}

function previewSet(set: ReadonlySet<unknown>, depth: number, longest: number): string {
  if (depth > 1) return "{…}";
  const parts: string[] = [];
  for (const entry of Set.prototype.values.call(set)) {
    if (parts.length >= fewEntries || parts.join(", ").length > longest) break;
    parts.push(previewAt(entry, depth + 1, 40));
  }
  return `{${parts.join(", ")}${parts.length < set.size ? ", …" : ""}}`;
}

function previewFields(object: object, depth: number, longest: number): string {
  const keys = ownKeys(object);
  if (keys.length === 0) return "{}";
  if (depth > 1) return "{…}";
  const parts: string[] = [];
  let used = 0;
  for (const key of keys) {
    if (used > longest) break;
    const part = `${clip(key, 60)}: ${previewAt(readOwn(object, key), depth + 1, 40)}`;
    parts.push(part);
    used += part.length + 2;
  }
  return `{${parts.join(", ")}${parts.length < keys.length ? ", …" : ""}}`;
}
