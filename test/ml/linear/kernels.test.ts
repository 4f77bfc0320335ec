import { ColumnProducts } from "../../../ml/linear/column-products.ts";
import { RowPass } from "../../../ml/linear/row-blocks.ts";
import { Random } from "../../../ml/random.ts";
import { Turns } from "../../../ml/turns.ts";
import { assertCloseTo } from "../close-to.ts";

const random = new Random(9);

function normals(length: number): Float64Array {
  return Float64Array.from({ length }, () => random.normal());
}

const sizes = [
  [1, 1],
  [3, 2],
  [4, 3],
  [5, 4],
  [37, 7],
  [1000, 50],
  [20, 1200],
] as const;

describe("the kernels of linear models", () => {
  for (const [rows, width] of sizes) {
    for (const single of [false, true]) {
      const data = single ? Float32Array.from(normals(rows * width)) : normals(rows * width);
      const columns = Array.from({ length: width }, (_, at) => `c${at}`);
      const what = `${rows} x ${width} of ${single ? "float32" : "float64"}`;

      it(`margins and gradients of ${what} are those of plain loops`, async () => {
        const outputs = 2;
        const size = width + 1;
        const pass = new RowPass({ data, rows, columns }, outputs);
        const coefficients = normals(outputs * size);
        const slopes = normals(outputs * rows);
        pass.coefficients.set(coefficients);
        const margins = new Float64Array(outputs * rows);
        await pass.run(new Turns(), ({ first, count, stride, margins: found, slopes: into }) => {
          for (let output = 0; output < outputs; output++) {
            for (let row = 0; row < count; row++) {
              margins[output * rows + first + row] = found[output * stride + row] ?? 0;
              into[output * stride + row] = slopes[output * rows + first + row] ?? 0;
            }
          }
          return 0;
        });
        const expected = new Float64Array(outputs * rows);
        const gradient = new Float64Array(outputs * size);
        for (let at = 0; at < outputs * rows; at++) {
          const [output, row] = [Math.floor(at / rows), at % rows];
          for (let column = 0; column < size; column++) {
            const value = column === width ? 1 : (data[row * width + column] ?? 0);
            const place = output * size + column;
            expected[at] = (expected[at] ?? 0) + value * (coefficients[place] ?? 0);
            gradient[place] = (gradient[place] ?? 0) + value * (slopes[at] ?? 0);
          }
        }
        assertCloseTo(margins, expected, 1e-11);
        assertCloseTo(pass.gradient, gradient, 1e-11);
      });

      it(`products of columns of ${what} are those of plain loops`, async () => {
        const shift = normals(width);
        const weights = normals(rows);
        const products = await new ColumnProducts({ data, rows, columns }, shift).gather(
          new Turns(),
          (first, count, into) => into.set(weights.subarray(first, first + count)),
        );
        const size = width + 1;
        const expected = new Float64Array(size * size);
        for (let row = 0; row < rows; row++) {
          const values = Float64Array.from({ length: size }, (_, at) =>
            at === width ? 1 : (data[row * width + at] ?? 0) - (shift[at] ?? 0),
          );
          for (let at = 0; at < size * size; at++) {
            const product = (values[Math.floor(at / size)] ?? 0) * (values[at % size] ?? 0);
            expected[at] = (expected[at] ?? 0) + (weights[row] ?? 0) * product;
          }
        }
        assertCloseTo(products, expected, 1e-10);
      });
    }
  }
});
