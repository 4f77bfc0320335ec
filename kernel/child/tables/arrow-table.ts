/** @file Tables and record batches of Apache Arrow, told by their shape. */
import { isArray, isObject, readAny } from "../rich/safe-read.ts";
import { call, has, tableOf } from "./foreign-table.ts";
import type { TableSource } from "./table-source.ts";

/** The value as a table where it is a Table or a RecordBatch of Arrow's; undefined otherwise. */
export function arrowTable(value: object): TableSource | undefined {
  if (!has(value, "getChildAt", "slice")) return undefined;
  const schema = readAny(value, "schema");
  const rowCount = readAny(value, "numRows");
  const fields = isObject(schema) ? readAny(schema, "fields") : undefined;
  if (typeof rowCount !== "number" || !isArray(fields)) return undefined;
  const described = fields.filter(isObject);
  return tableOf({
    kind: isArray(readAny(value, "batches")) ? "Table" : "RecordBatch",
    names: described.map((field) => String(readAny(field, "name"))),
    nativeTypes: described.map((field) => typeName(readAny(field, "type"))),
    rowCount,
    reader: (column) => {
      const vector = call(value, "getChildAt", column);
      if (!isObject(vector)) return () => undefined;
      const get = readAny(vector, "get");
      if (typeof get !== "function") return () => undefined;
      const convert = converter(readAny(vector, "type"));
      return (row) => convert(Reflect.apply(get, vector, [row]));
    },
  });
}

/** The buffers of a Table or RecordBatch, in bytes; undefined for other values. */
export function arrowBytes(value: object): number | undefined {
  if (!has(value, "getChildAt", "slice") || typeof readAny(value, "numRows") !== "number") return undefined;
  const batches = readAny(value, "batches");
  const parts = isArray(batches) ? batches.filter(isObject) : [value];
  // Batches may share the values that their dictionaries name.
  const counted = new Set<object>();
  let bytes = 0;
  for (const part of parts) {
    const data = readAny(part, "data");
    const size = isObject(data) ? readAny(data, "byteLength") : undefined;
    if (!isObject(data) || typeof size !== "number") return undefined;
    bytes += size + dictionaryBytes(data, counted);
  }
  return bytes;
}

/** An array of data says its own bytes and those of its children, and nothing of dictionaries. */
function dictionaryBytes(data: object, counted: Set<object>): number {
  const dictionary = readAny(data, "dictionary");
  const entries = isObject(dictionary) ? readAny(dictionary, "data") : undefined;
  const children = readAny(data, "children");
  let bytes = 0;
  for (const part of isArray(entries) ? entries.filter(isObject) : []) {
    if (counted.has(part)) continue;
    counted.add(part);
    const size = readAny(part, "byteLength");
    bytes += (typeof size === "number" ? size : 0) + dictionaryBytes(part, counted);
  }
  for (const child of isArray(children) ? children.filter(isObject) : [])
    bytes += dictionaryBytes(child, counted);
  return bytes;
}

/** A decimal's type prints its scale as a power of ten. */
function typeName(type: unknown): string {
  const name = String(type);
  if (!isObject(type) || !name.startsWith("Decimal")) return name;
  return `Decimal(${String(readAny(type, "precision"))}, ${String(readAny(type, "scale"))})`;
}

type Convert = (cell: unknown) => unknown;

/** From what Arrow gives for a value of a type to what JavaScript has for it. */
function converter(type: unknown): Convert {
  const name = /^\w+/.exec(String(type))?.[0] ?? "";
  if (!isObject(type)) return (cell) => cell;
  const fields = readAny(type, "children");
  const children = isArray(fields) ? fields.filter(isObject) : [];
  const [first] = children;
  if (/^(Timestamp|Date)/.test(name)) return (cell) => (typeof cell === "number" ? new Date(cell) : cell);
  if (name === "Decimal") {
    const scale = readAny(type, "scale");
    return (cell) => (isObject(cell) ? decimal(cell, scale) : cell);
  }
  if (name === "Dictionary") return converter(readAny(type, "dictionary"));
  if (name.endsWith("List") && first !== undefined) return listOf(converter(readAny(first, "type")));
  if (name === "Struct") {
    const parts = children.map((field) => {
      const key = String(readAny(field, "name"));
      return { key, convert: converter(readAny(field, "type")) };
    });
    return (cell) =>
      isObject(cell)
        ? Object.fromEntries(parts.map(({ key, convert }) => [key, convert(readAny(cell, key))]))
        : cell;
  }
  if (name === "Map" && first !== undefined) return mapOf(first);
  return (cell) => cell;
}

/** A number; its digits where Arrow finds it too large for one. */
function decimal(cell: object, scale: unknown): unknown {
  try {
    return call(cell, "valueOf", scale);
  } catch {
    const digits = String(call(cell, "toString"));
    if (typeof scale !== "number" || scale <= 0) return digits;
    return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  }
}

/** More of a list than a preview has room for is not read. */
const mostEntries = 100;

function listOf(convert: Convert): Convert {
  return (cell) => {
    if (!isObject(cell)) return cell;
    const length = readAny(cell, "length");
    if (typeof length !== "number") return cell;
    // As long as the list is, since a preview tells the length.
    const list = Array.from<unknown>({ length: 0 });
    list.length = length;
    for (let index = 0; index < Math.min(length, mostEntries); index += 1)
      list[index] = convert(call(cell, "get", index));
    return list;
  };
}

function mapOf(entries: object): Convert {
  const children = readAny(readAny(entries, "type") ?? {}, "children");
  const [key, value] = isArray(children)
    ? children.filter(isObject).map((field) => converter(readAny(field, "type")))
    : [];
  return (cell) => {
    if (!isObject(cell) || key === undefined || value === undefined) return cell;
    const iterate = readAny(cell, Symbol.iterator);
    if (typeof iterate !== "function") return cell;
    const map = new Map<unknown, unknown>();
    // SAFETY: an iterable's method gives an iterator; what else it gives fails where it is read, and shows as unreadable.
    const iterator = Reflect.apply(iterate, cell, []) as Iterator<unknown>;
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      if (isArray(next.value)) map.set(key(next.value[0]), value(next.value[1]));
    }
    return map;
  };
}
