import assert from "node:assert/strict";
import { momentsOf } from "../../../ml/features/decomposition/moments.ts";

describe("moments of columns", () => {
  it("are those of the definition, whatever the number of columns and rows", () => {
    for (let width = 1; width <= 9; width++)
      for (const rows of [1, 2, 255, 256, 700]) {
        const data = Float64Array.from(
          { length: rows * width },
          (_, at) => 1000 * (at % width) + ((at * 7919) % 1009) / 100,
        );
        const columns = Array.from({ length: width }, (_, column) => `c${column}`);
        const { means, products } = momentsOf({ data, rows, columns });
        const column = (which: number): number[] =>
          Array.from({ length: rows }, (_, row) => data[row * width + which] ?? 0);
        const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / rows;
        for (let i = 0; i < width; i++) {
          const meanOfI = mean(column(i));
          assert.ok(Math.abs((means[i] ?? 0) - meanOfI) < 1e-9);
          for (let j = 0; j < width; j++) {
            const other = column(j);
            const meanOfJ = mean(other);
            const expected = column(i).reduce(
              (sum, x, row) => sum + (x - meanOfI) * ((other[row] ?? 0) - meanOfJ),
              0,
            );
            assert.ok(
              Math.abs((products[i * width + j] ?? 0) - expected) < 1e-6,
              `${i}, ${j} of ${rows} x ${width}`,
            );
          }
        }
      }
  });
});
