/** @file What was chosen for a fit as MLflow's params: one text by one name. */
import type { ParamValue } from "../run.ts";

/** Deeper values are written as JSON. */
const deepest = 4;
/** The most params of one activity. */
const mostParams = 500;
const longestName = 250;

/**
 * Settings as params: those of objects by names such as `optimizer.kind`, lists as JSON. What is undefined or a function is left
 * out; signs that MLflow doesn't take in names become underscores.
 */
export function flattenParameters(parameters: object): Readonly<Record<string, ParamValue>> {
  const flat: Record<string, ParamValue> = {};
  const add = (name: string, value: unknown, depth: number): void => {
    if (value === undefined || typeof value === "function" || typeof value === "symbol") return;
    if (Object.keys(flat).length >= mostParams) return;
    if (isPlain(value) && depth < deepest)
      for (const [key, part] of Object.entries(value)) add(`${name}.${key}`, part, depth + 1);
    else flat[paramName(name)] = valueOf(value);
  };
  for (const [key, value] of Object.entries(parameters)) add(key, value, 1);
  return flat;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A name as MLflow takes it for params and metrics. */
export function paramName(name: string): string {
  const safe = name.replaceAll(/[^\w\-. /]/g, "_").slice(0, longestName);
  // Paths that lead elsewhere are refused.
  return /^(?:\.\.?|\/.*|.*\/|.*\/\.{0,2}\/.*|)$/.test(safe) ? `_${safe.replaceAll(/[./]/g, "_")}` : safe;
}

function valueOf(value: unknown): ParamValue {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return value;
    default:
      break;
  }
  if (value === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (ArrayBuffer.isView(value) && "length" in value)
    return `${value.constructor.name} of ${Number(value.length)}`;
  try {
    return JSON.stringify(value);
  } catch {
    return "a value that refers to itself";
  }
}
