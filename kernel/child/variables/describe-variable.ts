/** @file One variable as a line of the variable view: type, shape, size, preview, and whether it opens. */
import { types } from "node:util";
import type { Variable, VariablePath } from "../../protocol.ts";
import { formatCount, previewValue } from "../rich/preview.ts";
import { elementAt, isArray, isObject, typeName } from "../rich/safe-read.ts";
import { isTypedArray, recordsTable } from "../tables/array-tables.ts";
import { columnType, sampleRows } from "../tables/column-type.ts";
import { engineTable } from "../tables/engine-tables.ts";
import { pageableOf } from "../tables/find-table.ts";
import { tensorView } from "../tables/tensor-table.ts";
import { childCount } from "./children.ts";
import { estimateBytes } from "./size-estimate.ts";

interface Kind {
  readonly type: string;
  readonly shape?: string;
  readonly pageable?: boolean;
  readonly preview?: string;
}

/** Describes a value under its name and path. Never throws; its cost is bounded whatever the value. */
export function describeVariable(name: string, path: VariablePath, value: unknown): Variable {
  const kind = kindOf(value);
  const bytes = estimateBytes(value);
  return {
    name,
    path,
    type: kind.type,
    ...(kind.shape === undefined ? {} : { shape: kind.shape }),
    ...(bytes === undefined ? {} : { bytes }),
    preview: kind.preview ?? previewValue(value),
    expandable: childCount(value) > 0,
    pageable: kind.pageable === true,
  };
}

function kindOf(value: unknown): Kind {
  if (!isObject(value) || typeof value === "function") {
    return typeof value === "string" && value.length > 100
      ? { type: "string", shape: formatCount(value.length) }
      : { type: typeName(value) };
  }
  if (isArray(value)) return arrayKind(value);
  if (isTypedArray(value))
    return { type: typeName(value), shape: formatCount(value.length), pageable: value.length > 0 };
  if (types.isMap(value) || types.isSet(value)) {
    return { type: typeName(value), shape: formatCount(value.size), pageable: value.size > 0 };
  }
  return libraryKind(value) ?? { type: typeName(value) };
}

function arrayKind(array: readonly unknown[]): Kind {
  const records = recordsTable(array);
  if (records !== undefined) {
    const first = elementAt(array, 0);
    const name = isObject(first) ? typeName(first) : "Object";
    const columns = records.columns.length + records.hiddenColumns;
    return {
      type: `${name === "Object" ? "object" : name}[]`,
      shape: `${formatCount(array.length)} × ${formatCount(columns)}`,
      pageable: true,
    };
  }
  const type = columnType(sampleRows(array.length, 50).map((row) => elementAt(array, row)));
  const name = type === "empty" || type === "mixed" ? "unknown" : type === "date" ? "Date" : type;
  return { type: `${name}[]`, shape: formatCount(array.length), pageable: array.length > 0 };
}

function libraryKind(value: object): Kind | undefined {
  try {
    const pageable = pageableOf(value);
    if (pageable !== undefined) {
      const rows = pageable.rowCount === undefined ? "?" : formatCount(pageable.rowCount);
      return {
        type: typeName(value),
        shape: `${rows} × ${formatCount(pageable.columns.length)}`,
        pageable: true,
        preview: columnPreview(pageable.columns),
      };
    }
    const engine = engineTable(value);
    if (engine !== undefined) {
      return {
        type: engine.kind,
        shape: `${formatCount(engine.rowCount)} × ${formatCount(engine.columns.length + engine.hiddenColumns)}`,
        pageable: true,
        preview: columnPreview(engine.columns),
      };
    }
    const tensor = types.isProxy(value) ? undefined : tensorView(value);
    if (tensor === undefined) return undefined;
    return {
      type: `Tensor<${tensor.elementType}>`,
      shape: tensor.dimensions.length === 0 ? "scalar" : tensor.dimensions.map(formatCount).join(" × "),
      pageable: tensor.values !== undefined && tensor.size > 0,
    };
  } catch {
    return undefined;
  }
}

function columnPreview(columns: readonly { readonly name: string; readonly type: string }[]): string {
  const shown = columns.slice(0, 8).map((column) => `${column.name}: ${column.type}`);
  return `${shown.join(", ")}${columns.length > shown.length ? ", …" : ""}`.slice(0, 200);
}
