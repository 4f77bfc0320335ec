/** @file Whether an ONNX graph takes and gives what a signature says. */
import { InvalidInputError } from "../errors.ts";
import { decodeOnnx } from "../graph/onnx/decode.ts";
import type { OnnxGraph } from "../graph/onnx/model.ts";
import type { ModelSignature, OutputType } from "./signature.ts";

/** Element types that an output of a type may have in the graph. */
const graphTypes: Readonly<Record<OutputType, readonly string[]>> = {
  boolean: ["int64", "bool"],
  int64: ["int64", "int32"],
  float32: ["float32"],
  float64: ["float64"],
  string: ["string"],
};

/**
 * Checks a graph's inputs and outputs.
 * @throws {@link InvalidInputError} that names the first that differs, {@link OnnxFileError} for what is no ONNX model
 */
export function checkGraph(onnx: Uint8Array, signature: ModelSignature): void {
  checkDecodedGraph(decodeOnnx(onnx).graph, signature);
}

/** The same of a graph that was read already. */
export function checkDecodedGraph(
  { inputs, outputs }: Pick<OnnxGraph, "inputs" | "outputs">,
  signature: ModelSignature,
): void {
  for (const input of signature.inputs) {
    const found = inputs.find(({ name }) => name === input.name);
    if (!found) throw new InvalidInputError(`the model has no input "${input.name}"`);
    const sizes = input.shape ?? [];
    if (found.dtype !== input.dtype || !fits(found.shape, sizes))
      throw new InvalidInputError(
        `the model's input "${input.name}" is ${found.dtype} of ${described(found.shape)}; the signature says ${input.dtype} of [${["rows", ...sizes].join(", ")}]`,
      );
  }
  const known = new Set(signature.inputs.map(({ name }) => name));
  const left = inputs.find(({ name }) => !known.has(name));
  if (left) throw new InvalidInputError(`the signature has no input "${left.name}", which the model needs`);
  for (const output of signature.outputs) {
    const found = outputs.find(({ name }) => name === output.name);
    if (!found) throw new InvalidInputError(`the model has no output "${output.name}"`);
    if (found.dtype !== undefined && !graphTypes[output.type].includes(found.dtype))
      throw new InvalidInputError(
        `the model's output "${output.name}" is of ${found.dtype}; the signature says ${output.type}`,
      );
  }
}

/** Whether an input takes any number of rows of some sizes; one that takes only one row at a time is no model of rows. */
function fits(shape: readonly (string | number | null)[] | undefined, sizes: readonly number[]): boolean {
  if (shape?.length !== sizes.length + 1 || (typeof shape[0] === "number" && shape[0] !== -1)) return false;
  return sizes.every((size, axis) => {
    const found = shape[axis + 1];
    return typeof found !== "number" || found === -1 || found === size;
  });
}

function described(shape: readonly (string | number | null)[] | undefined): string {
  return shape === undefined ? "unknown shape" : `[${shape.map((size) => String(size ?? "?")).join(", ")}]`;
}
