import assert from "node:assert/strict";
import { Random } from "../../../../ml/random.ts";
import { gradientBoostingRegressor } from "../../../../ml/trees/index.ts";
import { assertCloseTo } from "../../close-to.ts";
import { matrix } from "./rows.ts";

/** Squared error, lambda 1: what a leaf of these errors takes off the objective, twice. */
function scoreOf(errors: readonly number[]): number {
  const sum = errors.reduce((total, error) => total + error, 0);
  return sum ** 2 / (errors.length + 1);
}

/** Predicts rows by a tree that tries every cut of every column, and both sides for what is missing. */
function exhaustive(
  rows: readonly (readonly number[])[],
  errors: readonly number[],
  depth: number,
): readonly number[] {
  const all = rows.map((_, row) => row);
  const of = (some: readonly number[]): number[] => some.map((row) => errors[row] ?? 0);
  let best = { gain: scoreOf(errors) + 1e-6, left: [] as number[] };
  const width = depth > 0 ? (rows[0]?.length ?? 0) : 0;
  for (let column = 0; column < width; column++) {
    const valueOf = (row: number): number => rows[row]?.[column] ?? Number.NaN;
    const missing = all.filter((row) => Number.isNaN(valueOf(row)));
    const values = [...new Set(all.map(valueOf).filter((value) => !Number.isNaN(value)))].sort(
      (a, b) => a - b,
    );
    for (const value of values) {
      const below = all.filter((row) => valueOf(row) <= value);
      for (const left of missing.length === 0 ? [below] : [below, [...below, ...missing]]) {
        if (left.length === all.length) continue;
        const right = all.filter((row) => !left.includes(row));
        const gain = scoreOf(of(left)) + scoreOf(of(right));
        if (gain > best.gain + 1e-9) best = { gain, left };
      }
    }
  }
  if (best.left.length === 0) {
    const value = errors.reduce((total, error) => total + error, 0) / (errors.length + 1);
    return errors.map(() => value);
  }
  const predicted = Array.from<number>({ length: rows.length });
  for (const side of [best.left, all.filter((row) => !best.left.includes(row))]) {
    const values = exhaustive(
      side.map((row) => rows[row] ?? []),
      of(side),
      depth - 1,
    );
    for (const [at, row] of side.entries()) predicted[row] = values[at] ?? 0;
  }
  return predicted;
}

describe("a tree of gradient boosting", () => {
  // Widths around those that kernels take at a time.
  for (const width of [1, 4, 7, 8, 17, 33, 64, 67]) {
    it(`of ${width} columns is the one that trying every split gives`, async () => {
      const random = new Random(width);
      const draw = (): number => (random.uniform() < 0.1 ? Number.NaN : Math.floor(6 * random.uniform()));
      const rows = Array.from({ length: 90 }, () => Array.from({ length: width }, draw));
      const target = rows.map((row) => (row[0] ?? 0) * (row.at(-1) ?? 0) || random.normal());
      const mean = target.reduce((sum, value) => sum + value, 0) / target.length;
      const model = await gradientBoostingRegressor({ nEstimators: 1, learningRate: 1, maxDepth: 3 }).fit(
        matrix(rows),
        target,
      );
      const expected = exhaustive(
        rows,
        target.map((value) => value - mean),
        3,
      );
      assertCloseTo(
        await model.predict(matrix(rows)),
        expected.map((value) => value + mean),
        1e-5,
      );
      assert.ok(model.forest.rules.length > 7);
    });
  }
});
