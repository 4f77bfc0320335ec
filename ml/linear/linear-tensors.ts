/** @file Linear functions as tensor programs, in float64 inside: equal to the predictions in TypeScript. */
import type { FeatureTensor } from "../estimator.ts";
import { fromData } from "../graph/create.ts";
import { concat } from "../graph/functions/arrange.ts";
import { where } from "../graph/functions/elementwise.ts";
import { argmax } from "../graph/functions/reductions.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ClassLink, LinearFit } from "./linear-function.ts";

type Numbers = Tensor<readonly ["rows", number], "float64">;

/** Margins of rows: `[rows, outputs]`. */
export function marginTensor(
  { coefficients, intercepts }: Pick<LinearFit, "coefficients" | "intercepts">,
  features: FeatureTensor,
): Numbers {
  const outputs = intercepts.length;
  const width = coefficients.length / outputs;
  const byColumn = new Float64Array(coefficients.length);
  for (let output = 0; output < outputs; output++)
    for (let at = 0; at < width; at++)
      byColumn[at * outputs + output] = coefficients[output * width + at] ?? 0;
  return features
    .cast("float64")
    .matmul(fromData("float64", byColumn, [width, outputs]))
    .add(fromData("float64", Float64Array.from(intercepts), [1, outputs]));
}

/** The probabilities of margins: `[rows, classes]`. */
export function probabilityTensor(link: ClassLink, margins: Numbers, outputs: number): Numbers {
  if (link === "softmax") return margins.softmax(1);
  const share = (of: Numbers): Numbers => (link === "clipped" ? of.clip(-1, 1).add(1).div(2) : of.sigmoid());
  // SAFETY: two of `[rows, 1]` side by side.
  if (outputs === 1) return concat([share(margins.neg()), share(margins)], 1);
  const shares = share(margins);
  const sum = shares.sum(1, { keepAxes: true });
  // SAFETY: the sum is `[rows, 1]`, which stretches along the classes.
  return where(sum.greater(0), shares.div(sum), 1 / outputs) as Numbers;
}

/** The place of each row's class. */
export function placeTensor(margins: Numbers, outputs: number): Tensor<readonly ["rows"], "int64"> {
  if (outputs === 1) return margins.greater(0).cast("int64").squeeze(1);
  return argmax(margins, 1);
}
