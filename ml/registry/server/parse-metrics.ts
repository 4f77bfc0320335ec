/** @file Points of metrics in a request. Parsed by hand: a batch has a thousand, and this is the hot path. */
import type { Metric } from "../store/metric.ts";
import { invalidField, missingParameter } from "./request-schema.ts";

/** Parses one point. Throws MLflow's error for what is missing or no number; `path` ends in a dot or is empty. */
export function parseMetric(input: unknown, path: string): Metric {
  if (typeof input !== "object" || input === null) throw invalidField(path.slice(0, -1), input);
  // SAFETY: any object can be read so; each value is checked below.
  const fields = input as Readonly<Record<string, unknown>>;
  const key = optional(fields, "key", path);
  if (!key) throw missingParameter(`${path}key`);
  const { value, timestamp, step } = fields;
  return {
    key,
    value: parseFloat64(value, `${path}value`),
    timestamp: parseInteger(timestamp, `${path}timestamp`),
    step: step === undefined || step === null ? 0 : parseInteger(step, `${path}step`),
    modelId: optional(fields, "model_id", path) || undefined,
    datasetName: optional(fields, "dataset_name", path) || undefined,
    datasetDigest: optional(fields, "dataset_digest", path) || undefined,
  };
}

/** Parses a batch's points. */
export function parseMetrics(input: unknown): readonly Metric[] {
  if (input === undefined || input === null) return [];
  if (!Array.isArray(input)) throw invalidField("metrics", input);
  return input.map((metric: unknown, at) => parseMetric(metric, `metrics[${at}].`));
}

function optional(fields: Readonly<Record<string, unknown>>, name: string, path: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalidField(`${path}${name}`, value);
  return value;
}

function parseFloat64(value: unknown, path: string): number {
  if (typeof value === "number") return value;
  if (value === undefined || value === null || value === "") throw missingParameter(path);
  if (value === "NaN") return Number.NaN;
  const number = typeof value === "string" ? Number(value.trim() || "x") : Number.NaN;
  if (Number.isNaN(number)) throw invalidField(path, value);
  return number;
}

function parseInteger(value: unknown, path: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (value === undefined || value === null || value === "") throw missingParameter(path);
  const number = typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw invalidField(path, value);
  return number;
}
