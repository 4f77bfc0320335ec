import type { DenseMatrix } from "../dense-matrix.ts";
import { Turns } from "../turns.ts";
import { marginsOf, type LinearFit } from "./linear-function.ts";
import { RowPass } from "./row-blocks.ts";

/** Fewer numbers than this are computed at once: the kernels' memory costs more. */
const fewNumbers = 10_000;

/** Margins of a matrix's rows, row-major, with turns for the event loop. */
export async function marginsOfMatrix(
  linear: Pick<LinearFit, "coefficients" | "intercepts">,
  rows: DenseMatrix,
): Promise<Float64Array> {
  if (rows.data.length <= fewNumbers) return marginsOf(linear, rows.data);
  const outputs = linear.intercepts.length;
  const width = rows.columns.length;
  const pass = new RowPass(rows, outputs);
  for (let output = 0; output < outputs; output++) {
    const start = output * (width + 1);
    pass.coefficients.set(linear.coefficients.subarray(output * width, (output + 1) * width), start);
    pass.coefficients[start + width] = linear.intercepts[output] ?? 0;
  }
  const margins = new Float64Array(rows.rows * outputs);
  await pass.read(new Turns(), ({ first, count, stride, margins: block }) => {
    for (let output = 0; output < outputs; output++)
      for (let row = 0; row < count; row++)
        margins[(first + row) * outputs + output] = block[output * stride + row] ?? 0;
  });
  return margins;
}
