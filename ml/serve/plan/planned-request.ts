/** @file A request whose values stand already where the model's plan has them; as tensors for those who ask. */
import type { InferenceRequest, InferenceTensor, Parameters, TensorElements } from "../inference.ts";
import type { ModelInputs } from "./model-inputs.ts";
import type { InputPlan, ModelPlan } from "./model-plan.ts";

/** What a request says beside its values. */
export interface RequestDetails {
  readonly id: string | undefined;
  readonly outputs: readonly string[] | undefined;
  readonly parameters: Parameters | undefined;
  readonly isStream?: boolean | undefined;
}

/** A request that a protocol has read into a plan's places. Its tensors are made when they are asked for. */
export class PlannedRequest implements InferenceRequest {
  readonly model: string;
  readonly version: string | undefined;
  readonly id: string | undefined;
  readonly outputs: readonly string[] | undefined;
  readonly parameters: Parameters | undefined;
  readonly isStream: boolean;
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
    this.isStream = details.isStream ?? false;
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
  plan: Pick<ModelPlan, "numbers" | "texts">,
  { dtype, group, place }: InputPlan,
  values: ModelInputs,
): TensorElements {
  const { rows, numbers, texts } = values;
  if (group === "text") {
    const column: string[] = [];
    for (let row = 0; row < rows; row++) column.push(texts[row * plan.texts + place] ?? "");
    return column;
  }
  const width = plan.numbers;
  if (dtype === "int64") {
    const column = new BigInt64Array(rows);
    for (let row = 0; row < rows; row++) column[row] = BigInt(numbers[row * width + place] ?? 0);
    return column;
  }
  const column =
    dtype === "float32"
      ? new Float32Array(rows)
      : dtype === "bool"
        ? new Uint8Array(rows)
        : new Float64Array(rows);
  for (let row = 0; row < rows; row++) column[row] = numbers[row * width + place] ?? 0;
  return column;
}
