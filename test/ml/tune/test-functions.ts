/** @file Functions whose minimum is known; those of test/reference/tuning.py. */
import { Random } from "../../../ml/random.ts";
import { float } from "../../../ml/tune/index.ts";
import { median } from "../../bench/statistics.ts";

type Point = Readonly<Record<string, number>>;

interface TestFunction {
  readonly objective: (point: Point) => number;
  readonly parameters: Readonly<Record<string, ReturnType<typeof float>>>;
  readonly minimum: number;
}

const coordinates = (limits: readonly (readonly [number, number])[]): TestFunction["parameters"] =>
  Object.fromEntries(limits.map(([low, high], at) => [`x${at}`, float(low, high)]));

const hartmannA = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannP = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];
const hartmannWeights = [1, 1.2, 3, 3.2];

/** By name, with limits of the coordinates `x0`, `x1`, …. */
export const testFunctions: Readonly<Record<string, TestFunction>> = {
  branin: {
    objective: ({ x0 = 0, x1 = 0 }) => {
      const bend = x1 - (5.1 / (4 * Math.PI ** 2)) * x0 ** 2 + (5 / Math.PI) * x0 - 6;
      return bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x0) + 10;
    },
    parameters: coordinates([
      [-5, 10],
      [0, 15],
    ]),
    minimum: 0.397887,
  },
  hartmann6: {
    objective: (point) => {
      let sum = 0;
      for (const [row, weight] of hartmannWeights.entries()) {
        let exponent = 0;
        for (const [at, a] of (hartmannA[row] ?? []).entries())
          exponent += a * ((point[`x${at}`] ?? 0) - 1e-4 * (hartmannP[row]?.[at] ?? 0)) ** 2;
        sum -= weight * Math.exp(-exponent);
      }
      return sum;
    },
    parameters: coordinates(Array.from({ length: 6 }, () => [0, 1] as const)),
    minimum: -3.32237,
  },
  rosenbrock: {
    objective: ({ x0 = 0, x1 = 0 }) => 100 * (x1 - x0 ** 2) ** 2 + (1 - x0) ** 2,
    parameters: coordinates([
      [-2.048, 2.048],
      [-2.048, 2.048],
    ]),
    minimum: 0,
  },
};

/** What a point at random has, in the median of many. */
export function typicalValue(name: string): number {
  const { objective, parameters } = testFunctions[name] ?? {};
  const random = new Random(1);
  const values = Array.from({ length: 2000 }, () =>
    objective?.(
      Object.fromEntries(
        Object.entries(parameters ?? {}).map(([key, { low, high }]) => [
          key,
          low + random.uniform() * (high - low),
        ]),
      ),
    ),
  );
  return median(values.map(Number));
}
