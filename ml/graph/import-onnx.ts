/**
 * @file ONNX models as functions on tensors: to be run, differentiated, trained further and exported again.
 *
 * A model is imported anew for the shapes of each application, so that computations on shapes become constants. Numbers
 * that training changes are parameters, which the caller keeps; all others are part of the function.
 */
import { GraphError, ModelImportError } from "./errors.ts";
import type { DType } from "./dtype.ts";
import type { InputType } from "./export-onnx.ts";
import { constantOf } from "./import/constant-of.ts";
import { GraphImporter } from "./import/graph-importer.ts";
import { parameterNames } from "./import/parameters.ts";
import { readOnnx } from "./onnx/decode.ts";
import type { OnnxModel, OnnxTensor, OnnxValue } from "./onnx/model.ts";
import { showShape, type Dimension, type Shape } from "./shape.ts";
import { Tensor } from "./tensor.ts";
import type { Value } from "./value.ts";
import "./import/converters.ts";

/** What a model's file says of an output. */
export interface OutputType {
  /** Undefined where the file doesn't say. */
  readonly dtype: DType | undefined;
  /** Undefined where the file doesn't say. */
  readonly shape: Shape | undefined;
}

/** Tensors by name. */
export type TensorsByName = Readonly<Record<string, Tensor>>;

/** An ONNX model as a function of parameters and inputs. */
export interface ImportedModel {
  /** The types of its inputs by name, as {@link toOnnx} takes them; sizes that the file leaves open are names. */
  readonly inputs: Readonly<Record<string, InputType>>;
  readonly outputs: Readonly<Record<string, OutputType>>;
  /** Its weights by their names in the file: float tensors of at least one axis that aren't settings or statistics. */
  readonly parameters: TensorsByName;
  /**
   * The model's outputs by name, for parameters that have the form of {@link parameters} and all inputs.
   * @throws {@link GraphError} where a parameter or input is missing or has another type than the model's
   * @throws {@link ModelImportError} where the model computes what programs can't
   */
  readonly apply: (parameters: TensorsByName, inputs: TensorsByName) => TensorsByName;
}

/**
 * Reads an ONNX model from a file as a function on tensors.
 * @throws {@link OnnxFileError} where the file is damaged or can't be read
 * @throws {@link ModelImportError} where an input isn't a tensor
 * @example
 * const model = await loadOnnx("resnet.onnx");
 * const { logits } = model.apply(model.parameters, { image });
 */
export async function loadOnnx(path: string): Promise<ImportedModel> {
  return importOnnx(await readOnnx(path));
}

/** A model that was read already as a function on tensors; see {@link loadOnnx}. */
export function importOnnx({ graph, opsets }: OnnxModel): ImportedModel {
  const trainable = parameterNames(graph);
  const weights = graph.initializers.filter(({ name }) => trainable.has(name));
  const defaults = new Set(graph.initializers.map(({ name }) => name));
  const inputs = Object.fromEntries(
    graph.inputs.filter(({ name }) => !defaults.has(name)).map((each) => [each.name, inputType(each)]),
  );
  const parameters = Object.fromEntries(weights.map((each) => [each.name, new Tensor(constantOf(each))]));
  const constants = new Map<OnnxTensor, Value>(
    graph.initializers.filter(({ name }) => !trainable.has(name)).map((each) => [each, constantOf(each)]),
  );
  return {
    inputs,
    outputs: Object.fromEntries(
      graph.outputs.map(({ name, dtype, shape }) => [name, { dtype, shape: shape && sizesOf(name, shape) }]),
    ),
    parameters,
    apply: (given, fed) => {
      const names = new Map([
        ...Object.entries(parameters).map(([name, { value }]) => checked("parameter", name, value, given)),
        ...Object.entries(inputs).map(([name, type]) => checked("input", name, type, fed)),
      ]);
      for (const name of Object.keys(fed))
        if (!(name in inputs))
          throw new GraphError(`the model has no input "${name}", only ${list(Object.keys(inputs))}`);
      const outputs = new GraphImporter(opsets, constants).outputs(graph, names);
      return Object.fromEntries(
        graph.outputs.flatMap(({ name }, index) =>
          outputs[index] ? [[name, new Tensor(outputs[index])]] : [],
        ),
      );
    },
  };
}

function inputType({ name, dtype, shape }: OnnxValue): InputType {
  if (!dtype || !shape)
    throw new ModelImportError(`the input "${name}" is no tensor of known type and number of axes`);
  return { dtype, shape: sizesOf(name, shape) };
}

function sizesOf(name: string, shape: readonly (number | string | null)[]): Shape {
  return shape.map((size, axis): Dimension => size ?? `${name}.${axis}`);
}

function checked(
  what: string,
  name: string,
  { dtype, shape }: InputType,
  given: TensorsByName,
): [string, Value] {
  const tensor = given[name];
  if (!(tensor instanceof Tensor)) throw new GraphError(`the model's ${what} "${name}" is missing`);
  const { value } = tensor;
  const fits =
    value.dtype === dtype &&
    value.shape.length === shape.length &&
    shape.every(
      (size, axis) =>
        typeof size === "string" || size === value.shape[axis] || isOpen(what, value.shape[axis]),
    );
  if (!fits)
    throw new GraphError(
      `the model's ${what} "${name}" is ${dtype} ${showShape(shape)}, not ${value.dtype} ${showShape(value.shape)}`,
    );
  return [name, value];
}

/** Inputs of a size that isn't known yet are checked by what is computed from them. */
function isOpen(what: string, size: Dimension | undefined): boolean {
  return what === "input" && typeof size === "string";
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
