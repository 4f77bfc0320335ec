/** @file Which kind of table a value is, if any. */
import { types } from "node:util";
import type { Pageable } from "../../protocol.ts";
import { pageableKey } from "../../protocol.ts";
import { isArray, isObject, readAny } from "../rich/safe-read.ts";
import {
  collectionTable,
  isTypedArray,
  matrixTable,
  recordsTable,
  typedArrayTable,
  valuesTable,
} from "./array-tables.ts";
import { engineTable } from "./engine-tables.ts";
import type { TableSource } from "./table-source.ts";
import { tensorTable, tensorView } from "./tensor-table.ts";

const pageableSymbol = Symbol.for(pageableKey);

/** What the value offers under `Symbol.for("tenon.pageable")`; throws what its method throws. */
export function pageableOf(value: object): Pageable | undefined {
  const method = readAny(value, pageableSymbol);
  if (typeof method !== "function") return undefined;
  const offered: unknown = Reflect.apply(method, value, []);
  if (
    !isObject(offered) ||
    !isArray(readAny(offered, "columns")) ||
    typeof readAny(offered, "page") !== "function"
  ) {
    return undefined;
  }
  // SAFETY: the two required members were just looked at; what `page` returns is checked where it is used.
  return offered as Pageable;
}

/** The value as a table that lies in memory; undefined where it is none. */
export function tableSource(value: unknown): TableSource | undefined {
  if (!isObject(value) || typeof value === "function") return undefined;
  if (isArray(value)) return recordsTable(value) ?? matrixTable(value) ?? valuesTable(value);
  if (isTypedArray(value)) return typedArrayTable(value);
  if (types.isMap(value) || types.isSet(value)) return collectionTable(value);
  const engine = engineTable(value);
  if (engine !== undefined) return engine;
  const tensor = tensorView(value);
  return tensor === undefined ? undefined : tensorTable(tensor);
}
