/** @file The distributions of categories in two tables. */
import { countValues } from "../profile/frequencies.ts";
import type { ProfileValue } from "../profile/profile-data.ts";
import type { ColumnPair, ComparedSide } from "./compared-side.ts";
import type { CategoryDistribution } from "./comparison-data.ts";
import { jensenShannonDistance, populationStabilityIndex } from "./distances.ts";
import { chiSquareTest } from "./two-sample-tests.ts";

/** Columns with more different values than this are not compared value by value. */
export const mostLevels = 1000;
const leastExpected = 5;

/** Compares the columns, each with at most {@link mostLevels} values on both sides; by their names. */
export async function compareCategories(
  a: ComparedSide,
  b: ComparedSide,
  pairs: readonly ColumnPair[],
): Promise<Map<string, CategoryDistribution>> {
  if (pairs.length === 0) return new Map();
  const count = async ({ table }: ComparedSide, side: "a" | "b") => {
    const columns = pairs.map((pair) => pair[side].range.column);
    return await countValues(table.database, table.all, columns, mostLevels);
  };
  const [first, second] = [await count(a, "a"), await count(b, "b")];
  return new Map(
    pairs.map(({ name, a: x, b: y }) => {
      const counts = new Map<ProfileValue, [number, number]>();
      const add = (value: ProfileValue, a: number, b: number): void => {
        const [x, y] = counts.get(value) ?? [0, 0];
        counts.set(value, [x + a, y + b]);
      };
      for (const { value, count } of first.get(x.range.column.id)?.top ?? []) add(value, count, 0);
      for (const { value, count } of second.get(y.range.column.id)?.top ?? []) add(value, 0, count);
      return [name, distribution(counts)] as const;
    }),
  );
}

function distribution(counts: ReadonlyMap<ProfileValue, readonly [number, number]>): CategoryDistribution {
  const levels = [...counts].map(([value, [a, b]]) => ({ value, a, b }));
  const [totalA, totalB] = [sum(levels.map(({ a }) => a)), sum(levels.map(({ b }) => b))];
  const smaller = Math.min(totalA, totalB) / (totalA + totalB);
  const isRare = ({ a, b }: { readonly a: number; readonly b: number }): boolean =>
    (a + b) * smaller < leastExpected;
  const rare = levels.filter(isRare);
  const rest = { a: sum(rare.map(({ a }) => a)), b: sum(rare.map(({ b }) => b)) };
  const compared = [...levels.filter((level) => !isRare(level)), ...(rare.length > 0 ? [rest] : [])];
  const [a, b] = [compared.map((level) => level.a), compared.map((level) => level.b)];
  const chiSquare = chiSquareTest(a, b);
  return {
    kind: "category",
    psi: populationStabilityIndex(a, b),
    jensenShannon: jensenShannonDistance(a, b),
    levels: levels.map(({ value }) => value),
    a: levels.map((level) => level.a),
    b: levels.map((level) => level.b),
    pooledLevels: rare.length,
    ...(chiSquare === undefined ? {} : { chiSquare }),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
