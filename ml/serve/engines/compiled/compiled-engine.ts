/** @file A pipeline as functions that answer at once, in place of its graph. */
import * as v from "valibot";
import type { InferenceTensor, TensorElements } from "../../inference.ts";
import type { ModelInputs } from "../../plan/model-inputs.ts";
import type { ModelPlan, OutputPlan } from "../../plan/model-plan.ts";
import type { Engine } from "../engine.ts";
import { compileFeatures, featuresSchema, type CompiledFeatures } from "./compile-features.ts";
import { compileModel, type CompiledModel } from "./compile-model.ts";

const pipelineSchema = v.object({
  version: v.literal(1),
  kind: v.literal("pipeline"),
  features: featuresSchema,
  model: v.unknown(),
});

/** Features and a model, compiled. */
export class CompiledEngine implements Engine {
  readonly platform = "tenon_compiled";
  readonly bytes: number;
  readonly #features: CompiledFeatures;
  readonly #model: CompiledModel;
  readonly #label: OutputPlan | undefined;
  readonly #numbers: OutputPlan;
  readonly #labels: LabelArray | undefined;
  #matrix = new Float32Array(0);

  private constructor(
    features: CompiledFeatures,
    model: CompiledModel,
    label: OutputPlan | undefined,
    numbers: OutputPlan,
  ) {
    this.#features = features;
    this.#model = model;
    this.#label = label;
    this.#numbers = numbers;
    this.#labels = label && model.classes ? labelArray(label, model.classes) : undefined;
    this.bytes = model.bytes;
  }

  /** The engine of a pipeline in JSON; undefined where a part of it is left to the graph. */
  static compile(plan: ModelPlan, json: unknown): CompiledEngine | undefined {
    const parsed = v.safeParse(pipelineSchema, json);
    if (!parsed.success) return undefined;
    const features = compileFeatures(plan, parsed.output.features);
    const model = features && compileModel(parsed.output.model);
    if (!features || !model || model.width !== features.width) return undefined;
    const [first, second, ...more] = plan.outputs;
    if (!first || more.length > 0) return undefined;
    if (!model.classes) return second ? undefined : new CompiledEngine(features, model, undefined, first);
    return second?.columns?.length === model.classes.length
      ? new CompiledEngine(features, model, first, second)
      : undefined;
  }

  run(inputs: ModelInputs): readonly InferenceTensor[] {
    const { rows } = inputs;
    const { width } = this.#features;
    if (this.#matrix.length < rows * width) this.#matrix = new Float32Array(Math.max(rows, 8) * width);
    this.#features.write(inputs, this.#matrix);
    const found = this.#model.predict(this.#matrix, rows);
    const { name, datatype, columns } = this.#numbers;
    const numbers: InferenceTensor = {
      name,
      datatype,
      shape: columns ? [rows, columns.length] : [rows],
      data: found,
    };
    if (!this.#label || !this.#labels) return [numbers];
    const label: InferenceTensor = {
      name: this.#label.name,
      datatype: this.#label.datatype,
      shape: [rows],
      data: this.#labels(found, rows),
    };
    return [label, numbers];
  }

  async close(): Promise<void> {
    this.#matrix = new Float32Array(0);
  }
}

/** The likeliest class of each row, as the plan's type has it. */
type LabelArray = (probabilities: Float32Array, rows: number) => TensorElements;

function labelArray({ datatype }: OutputPlan, classes: readonly (string | number | boolean)[]): LabelArray {
  const width = classes.length;
  const likeliest = (probabilities: Float32Array, row: number): number => {
    let best = 0;
    for (let at = 1; at < width; at++)
      if ((probabilities[row * width + at] ?? 0) > (probabilities[row * width + best] ?? 0)) best = at;
    return best;
  };
  if (datatype === "BYTES") {
    const texts = classes.map(String);
    return (probabilities, rows) => {
      const labels: string[] = [];
      for (let row = 0; row < rows; row++) labels.push(texts[likeliest(probabilities, row)] ?? "");
      return labels;
    };
  }
  if (datatype === "BOOL") {
    return (probabilities, rows) => {
      const labels = new Uint8Array(rows);
      for (let row = 0; row < rows; row++) labels[row] = Number(classes[likeliest(probabilities, row)]);
      return labels;
    };
  }
  const whole = classes.map((each) => BigInt(Number(each)));
  return (probabilities, rows) => {
    const labels = new BigInt64Array(rows);
    for (let row = 0; row < rows; row++) labels[row] = whole[likeliest(probabilities, row)] ?? 0n;
    return labels;
  };
}
