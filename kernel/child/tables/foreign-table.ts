/** @file What the tables of other libraries have in common: methods that are looked up, types by name, readers that don't throw. */
import type { Column, ColumnType } from "../../protocol.ts";
import { readAny, thrownText, Unreadable } from "../rich/safe-read.ts";
import { columnType, sampleRows } from "./column-type.ts";
import { mostColumns, type TableSource } from "./table-source.ts";

/** What a method of a library's object gives; undefined where it has no such method. */
export function call(object: object, method: string, ...parameters: unknown[]): unknown {
  const found = readAny(object, method);
  return typeof found === "function" ? Reflect.apply(found, object, parameters) : undefined;
}

/** True where the object has all of these methods. */
export function has(object: object, ...methods: readonly string[]): boolean {
  return methods.every((method) => typeof readAny(object, method) === "function");
}

/** What a library says of a table. */
export interface Sourced {
  readonly kind: string;
  readonly names: readonly string[];
  readonly nativeTypes: readonly string[];
  readonly rowCount: number;
  reader(column: number): (row: number) => unknown;
}

/** Completes a source: unique names, types from the engine's names or from a sample, readers that don't throw. */
export function tableOf(sourced: Sourced): TableSource {
  const shown = Math.min(sourced.names.length, mostColumns);
  const used = new Set<string>();
  const reader = (column: number): ((row: number) => unknown) => {
    let read: (row: number) => unknown;
    try {
      read = sourced.reader(column);
    } catch (thrown) {
      const unreadable = new Unreadable(thrownText(thrown));
      return () => unreadable;
    }
    return (row) => {
      try {
        return read(row);
      } catch (thrown) {
        return new Unreadable(thrownText(thrown));
      }
    };
  };
  const columns = sourced.names.slice(0, shown).map((name, column): Column => {
    let unique = name;
    for (let count = 2; used.has(unique); count += 1) unique = `${name} (${count})`;
    used.add(unique);
    const nativeType = sourced.nativeTypes[column];
    const type =
      typeByNativeName(nativeType) ?? columnType(sampleRows(sourced.rowCount, 20).map(reader(column)));
    return nativeType === undefined ? { name: unique, type } : { name: unique, type, nativeType };
  });
  return {
    kind: sourced.kind,
    columns,
    rowCount: sourced.rowCount,
    hiddenColumns: sourced.names.length - shown,
    indexed: true,
    reader,
  };
}

function typeByNativeName(name: string | undefined): ColumnType | undefined {
  if (name === undefined) return undefined;
  if (/^(U?Int(8|16|32)|Float(16|32|64)?|DOUBLE|FLOAT|REAL|U?(TINY|SMALL)INT|U?INTEGER)$/.test(name))
    return "number";
  if (/^(Utf8|LargeUtf8|String|VARCHAR|Categorical)$/.test(name)) return "string";
  if (/^(Bool|Boolean|BOOLEAN)$/.test(name)) return "boolean";
  return undefined;
}
