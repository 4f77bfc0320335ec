/** @file A trained network as an ONNX model that takes the raw columns, strings included, by their names. */
import { encodeOnnx } from "../graph/onnx/encode.ts";
import { lower } from "../graph/lower.ts";
import { apply } from "../graph/ops/apply.ts";
import { sigmoid } from "../graph/ops/elementwise.ts";
import { concat, reshape } from "../graph/ops/shape-ops.ts";
import { constant, input, type Value } from "../graph/value.ts";
import type { Encoding } from "./encoding.ts";
import { network, type Parameter } from "./network.ts";

/** The name of the saved model's output. */
export const probabilityOutput = "probability";

/**
 * Encodes a trained network. Inputs are one `[batch, 1]` tensor for each column, float32 or string, in the order of the
 * encoding; the output `probability` is float32 `[batch, 1]`. Standardising and numbering of categories are inside.
 */
export function encodeInferenceModel(encoding: Encoding, parameters: readonly Parameter[]): Uint8Array {
  const numeric = encoding.numeric.map(({ name }) => input(name, "float32", ["batch", 1]));
  const texts = encoding.categorical.map(({ name }) => input(name, "string", ["batch", 1]));
  const categories = encoding.categorical.map(({ categories }, index) =>
    numberCategories(texts[index], categories),
  );
  const numbers = numeric.length > 0 ? concat(numeric, 1) : undefined;
  const constants = parameters.map(({ data, shape }) => constant("float32", data, shape));
  const probability = sigmoid(network(encoding, numbers, categories, constants));
  const documentation =
    "Binary classifier. Inputs are raw columns; the output is the positive class's probability.";
  const inputs = [...numeric, ...texts];
  return encodeOnnx(lower(inputs, { [probabilityOutput]: probability }, { documentation }).model);
}

function numberCategories(column: Value | undefined, categories: readonly string[]): Value {
  if (!column) throw new Error("a categorical column has no input");
  const attributes = {
    keys_strings: { texts: categories },
    values_int64s: { ints: categories.map((_, index) => index + 1) },
    default_int64: { int: 0 },
  };
  const types = [{ dtype: "int64", shape: ["batch"] }] as const;
  return apply("LabelEncoder", [reshape(column, ["batch"])], attributes, { domain: "ai.onnx.ml", types });
}
