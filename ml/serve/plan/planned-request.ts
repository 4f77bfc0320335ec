/** @file A request whose values stand already where the model's plan has them; as tensors for those who ask. */
import type { InferenceRequest, InferenceTensor, Parameters, TensorElements } from "../inference.ts";
import type { ModelInputs } from "./model-inputs.ts";
import type { InputPlan, ModelPlan } from "./model-plan.ts";

/** What a request says beside its values. */
export interface RequestDetails {
  readonly id: string | undefined;
  readonly outputs: readonly string[] | undefined;
  readonly parameters: Parameters | undefined;
}

/** A request that a protocol has read into a plan's places. Its tensors are made when they are asked for. */
export class PlannedRequest implements InferenceRequest {
  readonly model: string;
  readonly version: string | undefined;
  readonly id: string | undefined;
  readonly outputs: readonly string[] | undefined;
  readonly parameters: Parameters | undefined;
  readonly plan: ModelPlan;
  readonly values: ModelInputs;
  #inputs: readonly InferenceTensor[] | undefined;

  constructor(
    model: string,
    version: string | undefined,
    plan: ModelPlan,
    values: ModelInputs,
    details: RequestDetails,
  ) {
    this.model = model;
    this.version = version;
    this.id = details.id;
    this.outputs = details.outputs;
    this.parameters = details.parameters;
    this.plan = plan;
    this.values = values;
  }

  get inputs(): readonly InferenceTensor[] {
    return (this.#inputs ??= this.plan.inputs.map((input) => tensorOf(this.plan, input, this.values)));
  }
}

/** An input of a plan as a tensor. */
export function tensorOf(plan: ModelPlan, input: InputPlan, values: ModelInputs): InferenceTensor {
  const { name, datatype, group, place } = input;
  if (group === "tensor")
    return { name, datatype, shape: values.shapes[place] ?? [], data: values.tensors[place] ?? [] };
  return { name, datatype, shape: [values.rows], data: columnOf(plan, input, values) };
}

/** The values of a column in the type of the graph's input. */
export function columnOf(
  plan: ModelPlan,
  { dtype, group, place }: InputPlan,
  values: ModelInputs,
): TensorElements {
  const { rows, numbers, texts } = values;
  if (group === "text")
    return Array.from({ length: rows }, (_, row) => texts[row * plan.texts + place] ?? "");
  const number = (_: unknown, row: number): number => numbers[row * plan.numbers + place] ?? Number.NaN;
  switch (dtype) {
    case "float32":
      return Float32Array.from({ length: rows }, number);
    case "int64":
      return BigInt64Array.from({ length: rows }, (_, row) => BigInt(number(_, row)));
    case "bool":
      return Uint8Array.from({ length: rows }, number);
    default:
      return Float64Array.from({ length: rows }, number);
  }
}
