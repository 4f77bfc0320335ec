/** @file The signature of a fitted pipeline, and its graph with the signature's inputs and outputs. */
import type { FittedPipeline } from "../pipeline/index.ts";
import { InvalidInputError } from "../errors.ts";
import { toOnnx } from "../graph/export-onnx.ts";
import type { ModelRow } from "./cell-values.ts";
import { predictedByPipeline } from "./pipeline-outputs.ts";
import {
  parseSignature,
  type ModelSignature,
  type OutputType,
  type SignatureInput,
  type SignatureOutput,
} from "./signature.ts";

/**
 * What a pipeline takes and gives: its columns with their types, `label` (with its classes) and `probabilities` of a
 * classification, `prediction` of a regression. A column is required where the graph's input has no form for a missing value.
 * @throws {@link InvalidInputError} for a column that has the name of an output, and classes that are no whole numbers
 */
export function inferSignature(pipeline: FittedPipeline): ModelSignature {
  const inputs = pipeline.features.inputs.map(({ name, type, dtype }): SignatureInput => ({
    name,
    type,
    dtype,
    required: dtype === "int64" || dtype === "bool",
  }));
  return parseSignature({ inputs, outputs: outputsOf(pipeline) });
}

/**
 * The same, where `row` also tells which missing values the pipeline refuses or answers with no number: for each column that
 * may be missing it predicts the row without it.
 */
export async function inferCheckedSignature(
  pipeline: FittedPipeline,
  row: ModelRow,
): Promise<ModelSignature> {
  const signature = inferSignature(pipeline);
  const inputs: SignatureInput[] = [];
  for (const input of signature.inputs) {
    const without = { ...row, [input.name]: null };
    const isRequired = input.required || !(await canPredict(pipeline, signature, without));
    inputs.push({ ...input, required: isRequired });
  }
  return { ...signature, inputs };
}

async function canPredict(
  pipeline: FittedPipeline,
  signature: ModelSignature,
  row: ModelRow,
): Promise<boolean> {
  try {
    const outputs = await predictedByPipeline(pipeline, signature, [row]);
    return [...outputs.values()].flat().every((value) => !Number.isNaN(value));
  } catch {
    // Whatever it is that the pipeline says, it doesn't predict such a row.
    return false;
  }
}

function outputsOf(pipeline: FittedPipeline): readonly SignatureOutput[] {
  if (pipeline.task === "regression") return [{ name: "prediction", type: "float32" }];
  const { classes } = pipeline;
  return [
    { name: "label", ...labelType(classes) },
    { name: "probabilities", type: "float32", columns: classes.map(String) },
  ];
}

function labelType(classes: readonly (string | number | boolean)[]): {
  readonly type: OutputType;
  readonly values: readonly string[] | readonly number[] | readonly boolean[];
} {
  if (classes.every((each) => typeof each === "string")) return { type: "string", values: classes };
  if (classes.every((each) => typeof each === "boolean")) return { type: "boolean", values: classes };
  const numbers = classes.map(Number);
  const odd = numbers.find((each) => !Number.isSafeInteger(each));
  if (odd !== undefined)
    throw new InvalidInputError(`the class ${odd} is no whole number: name the classes by texts`);
  return { type: "int64", values: numbers };
}

/** A pipeline as ONNX with vectors as inputs, as MLflow's ONNX flavor feeds the columns of a data frame. */
export function pipelineGraph(pipeline: FittedPipeline): Uint8Array {
  const types = Object.fromEntries(
    pipeline.features.inputs.map(({ name, dtype }) => [name, { dtype, shape: ["rows"] }] as const),
  );
  const documentation = `predicts ${pipeline.target}`;
  return pipeline.task === "regression"
    ? toOnnx((inputs) => ({ prediction: pipeline.trace(inputs).prediction.squeeze(1) }), types, {
        documentation,
      })
    : toOnnx((inputs) => ({ ...pipeline.trace(inputs) }), types, { documentation });
}
