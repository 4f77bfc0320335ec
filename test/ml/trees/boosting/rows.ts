/** @file Rows and targets that tests of boosting learn from. */
import type { DenseMatrix } from "../../../../ml/dense-matrix.ts";
import { Random } from "../../../../ml/random.ts";

/** A matrix of numbers in rows. */
export function matrix(rows: readonly (readonly number[])[], names?: readonly string[]): DenseMatrix {
  const width = rows[0]?.length ?? names?.length ?? 0;
  const columns = names ?? Array.from({ length: width }, (_, column) => `x${column}`);
  return { data: Float32Array.from(rows.flat()), rows: rows.length, columns };
}

/** The rows that a list names, of a matrix. */
export function take({ data, columns }: DenseMatrix, order: Iterable<number>): DenseMatrix {
  const width = columns.length;
  const places = [...order];
  const taken = new Float32Array(places.length * width);
  for (const [to, from] of places.entries())
    taken.set(data.subarray(from * width, (from + 1) * width), to * width);
  return { data: taken, rows: places.length, columns };
}

/** Uniform numbers in [-1, 1). */
export function uniformRows(rows: number, width: number, seed: number): number[][] {
  const random = new Random(seed);
  return Array.from({ length: rows }, () => Array.from({ length: width }, () => 2 * random.uniform() - 1));
}
