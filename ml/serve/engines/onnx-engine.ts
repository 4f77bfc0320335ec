/** @file A model's graph, run by ONNX Runtime in this thread: right for what takes some tens of microseconds. */
import { RuntimeError } from "../../graph/errors.ts";
import type { Provider } from "../../graph/runtime/provider.ts";
import { Session } from "../../graph/runtime/session.ts";
import { tensorData, type TensorData } from "../../graph/runtime/tensor-data.ts";
import type { InferenceTensor, TensorElements } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import type { ModelPlan, OutputPlan } from "../plan/model-plan.ts";
import { columnOf } from "../plan/planned-request.ts";
import type { Engine } from "./engine.ts";

/** ONNX Runtime's session of a model. */
export class OnnxEngine implements Engine {
  readonly platform = "onnx_onnxv1";
  readonly bytes: number;
  readonly #plan: ModelPlan;
  readonly #session: Session;
  readonly #wanted: Readonly<Record<string, null>>;

  private constructor(plan: ModelPlan, session: Session, bytes: number) {
    this.#plan = plan;
    this.#session = session;
    this.bytes = bytes;
    this.#wanted = Object.fromEntries(plan.outputs.map(({ name }) => [name, null]));
  }

  /**
   * Loads a graph, whose inputs and outputs are the plan's.
   * @throws {@link RuntimeError} where ONNX Runtime can't run it
   */
  static async load(
    plan: ModelPlan,
    onnx: Uint8Array,
    threads = 1,
    provider: Provider = "cpu",
  ): Promise<OnnxEngine> {
    return new OnnxEngine(plan, await Session.create(onnx, { threads, provider }), onnx.length);
  }

  async run(inputs: ModelInputs): Promise<readonly InferenceTensor[]> {
    const found = await this.#session.run(feedsOf(this.#plan, inputs), this.#wanted);
    return this.#plan.outputs.map((output) => outputTensor(output, found[output.name], inputs.rows));
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

/** Values as the graph is fed with them. */
export function feedsOf(plan: ModelPlan, inputs: ModelInputs): Record<string, TensorData> {
  const feeds: Record<string, TensorData> = {};
  for (const input of plan.inputs) {
    const isTensor = input.group === "tensor";
    const data = isTensor ? inputs.tensors[input.place] : columnOf(plan, input, inputs);
    const shape = isTensor ? (inputs.shapes[input.place] ?? []) : [inputs.rows];
    feeds[input.name] = tensorData(input.dtype, data ?? [], shape);
  }
  return feeds;
}

/**
 * An output of the graph in the type that the plan has for it.
 * @throws {@link RuntimeError} where the graph gave it for another number of rows
 */
export function outputTensor(
  output: OutputPlan,
  tensor: TensorData | undefined,
  rows: number,
): InferenceTensor {
  const { name, datatype, columns } = output;
  const data = tensor?.data ?? [];
  const [first, ...rest] = tensor?.shape ?? [];
  const width = columns ? columns.length : undefined;
  if ((first !== rows && data.length !== rows) || (width !== undefined && data.length !== rows * width))
    throw new RuntimeError(
      `the model's output "${name}" has ${data.length} values of shape [${String(tensor?.shape)}] for ${rows} rows`,
    );
  const shape = output.shape.length > 0 ? [rows, ...rest] : [rows];
  return { name, datatype, shape, data: elementsFor(output, data) };
}

function elementsFor({ datatype }: OutputPlan, data: TensorData["data"]): TensorElements {
  if (datatype === "BOOL" && !(data instanceof Uint8Array))
    return Uint8Array.from(data as Iterable<unknown>, (value) => Number(value));
  if (datatype === "INT64" && !(data instanceof BigInt64Array))
    return BigInt64Array.from(data as Iterable<unknown>, (value) => BigInt(Number(value)));
  return data;
}
