/** @file A handler as an engine: what it gives is checked against its signature. */
import { RuntimeError } from "../../graph/errors.ts";
import type { InferenceService, InferenceTensor, TensorElements } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import type { ModelPlan, OutputPlan } from "../plan/model-plan.ts";
import { tensorOf } from "../plan/planned-request.ts";
import { modelTooLate, type CallLimits, type Engine } from "./engine.ts";
import type { Handler, HandlerCall, HandlerOutput, HandlerOutputs } from "./handler.ts";

/** Runs a handler in this thread. */
export class HandlerEngine implements Engine {
  readonly platform = "tenon_handler";
  readonly bytes = 0;
  readonly stream: Engine["stream"];
  readonly #handler: Handler;
  readonly #plan: ModelPlan;
  readonly #models: InferenceService["infer"];

  constructor(handler: Handler, plan: ModelPlan, models: InferenceService["infer"]) {
    this.#handler = handler;
    this.#plan = plan;
    this.#models = models;
    const parts = handler.stream?.bind(handler);
    if (parts) this.stream = (inputs, limits) => this.#parts(parts, inputs, limits);
  }

  run(
    inputs: ModelInputs,
    limits: CallLimits,
  ): readonly InferenceTensor[] | Promise<readonly InferenceTensor[]> {
    const { predict } = this.#handler;
    if (!predict) return this.#last(inputs, limits);
    const found = predict.call(this.#handler, this.#call(inputs, limits));
    return found instanceof Promise
      ? found.then((outputs) => {
          if (performance.now() > limits.deadline) throw modelTooLate();
          return outputsOf(this.#plan, outputs, inputs.rows);
        })
      : outputsOf(this.#plan, found, inputs.rows);
  }

  /** Of a handler that only streams, the last part is the answer. */
  async #last(inputs: ModelInputs, limits: CallLimits): Promise<readonly InferenceTensor[]> {
    let last: readonly InferenceTensor[] | undefined;
    for await (const part of this.stream?.(inputs, limits) ?? []) last = part;
    if (last) return last;
    throw new RuntimeError(`the handler ${this.#handler.name} gave nothing`);
  }

  async *#parts(
    parts: NonNullable<Handler["stream"]>,
    inputs: ModelInputs,
    limits: CallLimits,
  ): AsyncIterable<readonly InferenceTensor[]> {
    for await (const part of parts(this.#call(inputs, limits)))
      yield outputsOf(this.#plan, part, inputs.rows);
  }

  #call(values: ModelInputs, { signal, deadline, parameters }: CallLimits): HandlerCall {
    const plan = this.#plan;
    return {
      rows: values.rows,
      inputs: Object.fromEntries(
        plan.inputs.map((input) => [input.name, tensorOf(plan, input, values).data]),
      ),
      parameters: parameters ?? {},
      signal,
      deadline,
      models: this.#models,
    };
  }

  async close(): Promise<void> {
    await this.#handler.close?.();
  }
}

function outputsOf(plan: ModelPlan, given: HandlerOutputs, rows: number): readonly InferenceTensor[] {
  return plan.outputs.map((output) => {
    const value = Object.hasOwn(given, output.name) ? given[output.name] : undefined;
    if (value === undefined) throw new RuntimeError(`the handler gave no output "${output.name}"`);
    return outputOf(output, value, rows);
  });
}

function outputOf(output: OutputPlan, value: HandlerOutput, rows: number): InferenceTensor {
  const { name, datatype } = output;
  const hasShape = "shape" in value;
  const data = hasShape ? value.data : value;
  const shape = hasShape ? value.shape : [rows, ...output.shape];
  if (shape.reduce((product, size) => product * size, 1) !== data.length)
    throw new RuntimeError(
      `the handler gave ${data.length} elements for the output "${name}" of shape [${shape.join(", ")}]`,
    );
  return { name, datatype, shape, data: elementsOf(output, data) };
}

function elementsOf({ name, datatype }: OutputPlan, data: ArrayLike<unknown>): TensorElements {
  const values = Array.from(data);
  const isText = datatype === "BYTES";
  const odd = values.find((value) =>
    isText ? typeof value !== "string" : !["number", "bigint", "boolean"].includes(typeof value),
  );
  if (odd !== undefined || values.includes(undefined))
    throw new RuntimeError(`the handler gave ${typeof odd} for the output "${name}", which is ${datatype}`);
  switch (datatype) {
    case "BYTES":
      return values.map(String);
    case "BOOL":
      return Uint8Array.from(values, (value) => Number(Boolean(value)));
    case "INT64":
      return BigInt64Array.from(values, (value) => BigInt(Math.trunc(Number(value))));
    case "FP64":
      return Float64Array.from(values, Number);
    default:
      return Float32Array.from(values, Number);
  }
}
