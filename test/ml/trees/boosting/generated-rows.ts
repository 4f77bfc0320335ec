/** @file The rows that test/reference/boosting.py generates. */
import type { DenseMatrix } from "../../../../ml/dense-matrix.ts";
import { Random } from "../../../../ml/random.ts";
import { matrix } from "./rows.ts";

/** Rows with a class for each. */
export interface LabelledRows {
  readonly rows: DenseMatrix;
  readonly targets: readonly number[];
}

export const generatedRows = 4000;
const seeds: Readonly<Record<string, number>> = { missing: 1, skewed: 2, smooth: 3 };

/** The same numbers, in the same order, as in test/reference/boosting.py. */
export function generated(name: string): LabelledRows {
  const random = new Random(seeds[name] ?? 0);
  const rows: number[][] = [];
  const targets: number[] = [];
  for (let row = 0; row < generatedRows; row++) {
    let x = Array.from({ length: 8 }, () => 2 * random.uniform() - 1);
    const at = (column: number): number => x[column] ?? 0;
    let score;
    if (name === "missing") {
      score = 2 * at(0) + 3 * at(1) * at(2) + (at(3) > 0.3 ? 1 : -0.5);
      x = x.map((value) => (random.uniform() < 0.15 ? Number.NaN : value));
    } else if (name === "skewed") {
      x[0] = random.uniform() < 0.9 ? 0 : at(0);
      x[1] = Math.floor(4 * at(1)) / 4;
      x[2] = at(2) ** 9;
      score = 4 * at(0) + 2 * at(1) + (at(2) > 0.001 ? 2 : -1);
    } else score = 2 * at(0) - 3 * at(1) * at(1) + 2 * at(4) * at(5) - 1;
    rows.push(x);
    targets.push(random.uniform() < 1 / (1 + Math.exp(-2 * score)) ? 1 : 0);
  }
  return { rows: matrix(rows), targets };
}
