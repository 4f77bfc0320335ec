/** @file Rows that a model was asked about when it was packaged, with its answers: what a copy of it must answer too. */
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import { readModel } from "../model-json.ts";
import type { ModelRow } from "./cell-values.ts";
import type { OutputArray } from "./row-feeds.ts";
import type { ModelSignature } from "./signature.ts";

/** How much an answer may differ where nothing else is said: relative to numbers beyond 1, as float32 allows. */
export const defaultTolerance = 1e-5;

const schema = v.object({
  version: v.literal(1),
  tolerance: v.pipe(v.number(), v.finite(), v.minValue(0)),
  rows: v.pipe(
    v.array(
      v.record(
        v.string(),
        v.union([v.string(), v.number(), v.boolean(), v.null(), v.array(v.pipe(v.number(), v.finite()))]),
      ),
    ),
    v.minLength(1),
  ),
  outputs: v.record(v.string(), v.array(v.union([v.string(), v.pipe(v.number(), v.finite()), v.boolean()]))),
});

/** Rows and the outputs for them, of a matrix row by row. */
export interface RecordedRows {
  /** How much a number may differ, relative to it beyond 1. */
  readonly tolerance: number;
  readonly rows: readonly ModelRow[];
  readonly outputs: ReadonlyMap<string, OutputArray>;
}

/** Recorded rows as JSON. */
export function recordedJson({ tolerance, rows, outputs }: RecordedRows): object {
  return { version: 1, tolerance, rows, outputs: Object.fromEntries(outputs) };
}

/**
 * Recorded rows out of JSON.
 * @throws {@link InvalidInputError} where they are no such rows, or the outputs aren't the signature's
 */
export function parseRecorded(json: unknown, { outputs }: ModelSignature): RecordedRows {
  const stored = readModel("file of recorded rows", schema, json);
  const found = new Map(Object.entries(stored.outputs));
  for (const { name, columns, shape } of outputs) {
    const sizes = shape ?? [columns?.length ?? 1];
    const expected = sizes.reduce((product, size) => product * size, stored.rows.length);
    const length = found.get(name)?.length;
    if (length !== expected && !(length !== undefined && sizes.includes(-1)))
      throw new InvalidInputError(
        `these are no recorded rows of this model: output "${name}" has ${length ?? "no"} values and not ${expected}`,
      );
  }
  return { tolerance: stored.tolerance, rows: stored.rows, outputs: found };
}

/** An answer that isn't the recorded one. */
export interface Difference {
  readonly output: string;
  /** Among the recorded rows, from 0. */
  readonly row: number;
  readonly expected: string | number | boolean;
  readonly found: string | number | boolean | undefined;
}

/** Answers held against the recorded ones. */
export interface Comparison {
  readonly differences: readonly Difference[];
  /** The largest difference of numbers, relative to numbers beyond 1. */
  readonly largest: number;
}

/** Holds answers against the recorded ones: numbers within the tolerance, all else equal. */
export function compareRecorded(
  { outputs }: ModelSignature,
  recorded: RecordedRows,
  found: ReadonlyMap<string, OutputArray>,
): Comparison {
  const differences: Difference[] = [];
  let largest = 0;
  for (const { name, type } of outputs) {
    const isNumeric = type === "float32" || type === "float64";
    const answers = found.get(name) ?? [];
    for (const [at, expected] of (recorded.outputs.get(name) ?? []).entries()) {
      const answer = answers[at];
      const difference = isNumeric ? relativeDifference(Number(expected), Number(answer ?? Number.NaN)) : 0;
      largest = Math.max(largest, difference);
      if (isNumeric ? difference <= recorded.tolerance : answer === expected) continue;
      const row = Math.floor((at * recorded.rows.length) / (recorded.outputs.get(name) ?? []).length);
      differences.push({ output: name, row, expected, found: answer });
    }
  }
  return { differences, largest };
}

function relativeDifference(expected: number, found: number): number {
  const difference = Math.abs(expected - found) / Math.max(1, Math.abs(expected));
  return Number.isNaN(difference) ? Infinity : difference;
}
