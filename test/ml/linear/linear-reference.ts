/** @file The reference's data sets and what scikit-learn learnt from them. */
import * as v from "valibot";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { denseMatrix } from "../features/matrices.ts";
import { readReference } from "../reference.ts";

const finite = v.array(v.number());

const caseSchema = v.object({
  kind: v.string(),
  on: v.string(),
  weighted: v.boolean(),
  settings: v.record(v.string(), v.unknown()),
  coefficients: finite,
  intercepts: finite,
  predictions: finite,
  probabilities: v.optional(finite),
  iterations: v.optional(v.number()),
});

/** A model that scikit-learn fitted. */
export type LinearCase = v.InferOutput<typeof caseSchema>;

const reference = readReference(
  "linear",
  v.object({
    weights: finite,
    data: v.record(
      v.string(),
      v.pipe(
        v.object({ rows: v.number(), columns: v.number(), data: finite, target: finite }),
        v.transform(({ rows, columns, data, target }) => ({
          matrix: denseMatrix(data, rows, columns),
          target,
        })),
      ),
    ),
    cases: v.array(caseSchema),
  }),
);

/** All of one method. */
export function casesOf(kind: string): readonly LinearCase[] {
  return reference.cases.filter((each) => each.kind === kind);
}

/** A data set by its name. */
export function dataOf(on: string): { readonly matrix: DenseMatrix; readonly target: readonly number[] } {
  const found = reference.data[on];
  if (found === undefined) throw new Error(`the reference has no data named ${on}`);
  return found;
}

/** How much each row counts in weighted cases. */
export const weights = reference.weights;

/** The first rows of a matrix, as float32 where asked. */
export function firstRows({ data, rows, columns }: DenseMatrix, most: number, single = false): DenseMatrix {
  const count = Math.min(rows, most);
  const part = data.slice(0, count * columns.length);
  return { data: single ? Float32Array.from(part) : part, rows: count, columns };
}
