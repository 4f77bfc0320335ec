/** @file Any function on tensors as a step. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { toOnnx } from "../../graph/export-onnx.ts";
import { importOnnx } from "../../graph/import-onnx.ts";
import { decodeOnnx } from "../../graph/onnx/decode.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { StepDefinition } from "../step.ts";
import { asNumbers } from "../traced.ts";
import type { NumberColumn, Transformer } from "../transformer.ts";

/** A function of a batch of columns that gives features. */
export type ColumnsFunction = (
  x: Tensor<readonly ["rows", number], "float32">,
) => Tensor<readonly ["rows", number], "float32">;

const state = v.object({ model: v.string(), features: v.number() });

/**
 * A function on the columns as one tensor of `[rows, columns]` (float32), which gives `[rows, features]`. It is traced
 * once, by the fit, and kept as ONNX. It is the last transformer of its columns.
 * @example columns({ income: tensorFunction((x) => x.abs().add(1).log()) })
 */
export function tensorFunction(compute: ColumnsFunction): Transformer<NumberColumn, "number"> {
  return { kind: "tensorFunction", settings: { compute } };
}

/** The kind of step behind {@link tensorFunction}. */
export const tensorFunctionStep: StepDefinition<
  { readonly compute: ColumnsFunction },
  v.InferOutput<typeof state>
> = {
  kind: "tensorFunction",
  state,
  takes: "number",
  fit: async ({ compute }, columns) => {
    let shape: readonly unknown[] = [];
    const model = toOnnx(
      ({ x }) => {
        const y = compute(x);
        shape = y.shape;
        if (
          shape.length !== 2 ||
          shape[0] !== "rows" ||
          typeof shape[1] !== "number" ||
          y.dtype !== "float32"
        )
          throw new InvalidInputError(
            `tensorFunction must give [rows, features] of float32, not [${shape.join(", ")}] of ${y.dtype}`,
          );
        return { y };
      },
      { x: { dtype: "float32", shape: ["rows", columns.length] } },
    );
    return { model: Buffer.from(model).toString("base64"), features: Number(shape[1]) };
  },
  names: ({ features }, columns) =>
    features === columns.length
      ? columns
      : Array.from({ length: features }, (_, at) => `${columns.join(" ")} function ${at}`),
  trace: ({ model }, columns) => {
    const imported = importOnnx(decodeOnnx(Buffer.from(model, "base64")));
    const { y } = imported.apply(imported.parameters, { x: asNumbers(columns).cast("float32") });
    if (!y) throw new InvalidInputError("a stored tensorFunction has no output");
    return y;
  },
};
