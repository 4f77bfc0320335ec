/**
 * @file ONNX models run by ONNX Runtime in this thread.
 *
 * A run occupies the thread until it ends; between runs the event loop is free. What may run long goes through
 * `runtime.ts`, which has a thread of its own. A closed session releases its native memory.
 */
import { setTimeout } from "node:timers/promises";
import { InferenceSession, type Tensor as OrtTensor } from "onnxruntime-node";
import "../../no-telemetry.ts";
import { RuntimeError } from "../errors.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { keepsOnDevice, type Provider } from "./provider.ts";
import { fromOrtTensor, isDType, toOrtTensor, type TensorData } from "./tensor-data.ts";
import { forWebGpu } from "./webgpu-operators.ts";
import type { DType } from "../dtype.ts";

/** An input of a model as the model file declares it; unknown sizes are names or -1. */
export interface SessionInput {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly (number | string)[];
}

/** How a model is loaded. */
export interface SessionOptions {
  /** What computes; `cpu` where absent. */
  readonly provider?: Provider;
  /** Threads of one operator on the CPU; 1 where absent. */
  readonly threads?: number;
  /**
   * Whether numbers below 1.2e-38 count as 0: softmaxes of masked scores give such, which the processor is slow with. It
   * holds for the thread's own arithmetic too, and only the first session of a process decides.
   */
  readonly flushDenormals?: boolean;
  /** Outputs that stay on the device instead of being copied to the CPU after each run. */
  readonly onDevice?: readonly string[];
}

/** A loaded model. */
export class Session implements AsyncDisposable {
  readonly inputs: readonly SessionInput[];
  readonly outputNames: readonly string[];
  readonly #session: InferenceSession;
  #closed = false;

  private constructor(session: InferenceSession) {
    this.#session = session;
    this.inputs = session.inputMetadata.map(describeInput);
    this.outputNames = session.outputNames;
  }

  /**
   * Loads a model from its bytes.
   * @throws {@link RuntimeError} when they are not a model that ONNX Runtime can run
   */
  static async create(
    model: Uint8Array,
    { provider = "cpu", threads = 1, flushDenormals = false, onDevice = [] }: SessionOptions = {},
  ): Promise<Session> {
    const settings: InferenceSession.SessionOptions = {
      executionProviders: provider === "cpu" ? ["cpu"] : [provider, "cpu"],
      graphOptimizationLevel: "all",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Planning memory by pattern costs half as much again at the peak and gains no time.
      enableMemPattern: false,
      logSeverityLevel: 4,
      extra: {
        session: {
          intra_op: { allow_spinning: threads > 1 ? "1" : "0" },
          ...(flushDenormals && { set_denormal_as_zero: "1" }),
        },
      },
      ...(onDevice.length > 0 &&
        keepsOnDevice(provider) && {
          preferredOutputLocation: Object.fromEntries(onDevice.map((name) => [name, "gpu-buffer" as const])),
        }),
    };
    if (keepsOnDevice(provider)) await holdDevice(settings);
    let session: InferenceSession;
    try {
      const adapted = provider === "webgpu" ? adaptForWebGpu(model) : model;
      session = await createSession(adapted, settings);
    } catch (cause) {
      throw new RuntimeError(`ONNX Runtime cannot load this model: ${firstLine(cause)}`, { cause });
    }
    try {
      return new Session(session);
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /**
   * Runs the model once.
   *
   * @param outputs where outputs go: tensors to write into, which must not be an input's, or null for new ones
   * @returns the outputs asked for, by name
   */
  async run(
    inputs: Readonly<Record<string, TensorData>>,
    outputs: Readonly<Record<string, TensorData | null>>,
  ): Promise<Record<string, TensorData>> {
    const results = await this.runTensors(
      Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, toOrtTensor(data)])),
      Object.fromEntries(Object.entries(outputs).map(([name, data]) => [name, data && toOrtTensor(data)])),
    );
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrtTensor(tensor)]));
  }

  /** {@link run} on ONNX Runtime's own tensors, which may be on the device. */
  async runTensors(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: Readonly<Record<string, OrtTensor | null>>,
  ): Promise<Readonly<Record<string, OrtTensor>>> {
    if (this.#closed) throw new RuntimeError("the session is closed");
    try {
      // SAFETY: every name that is fetched has a tensor among the results.
      return await this.#session.run(feeds, fetches);
    } catch (cause) {
      throw new RuntimeError(`ONNX Runtime failed to run the model: ${firstLine(cause)}`, { cause });
    }
  }

  /** Releases the model; it cannot run any more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#session.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * A session that is never released: with the last one ONNX Runtime gives up the device, and a tensor on it that is freed
 * afterwards ends the process.
 */
let held: Promise<InferenceSession> | undefined;

/** The reason for which asking again is of no use: a process looks for drivers once. */
const noDriver = /No supported adapters/;
/** How long a driver that refused a device is left alone before it is asked again. */
const pause = 200;

/**
 * Has a session hold the device. A driver may refuse one that it gives a moment later, so it is asked twice; a refusal is
 * not kept, and the next session asks anew.
 */
async function holdDevice(settings: InferenceSession.SessionOptions): Promise<void> {
  const acquire = async (): Promise<InferenceSession> =>
    createSession(smallModel(), { ...settings, preferredOutputLocation: "cpu" });
  const mine = (held ??= acquire().catch(async (error: unknown) => {
    if (noDriver.test(firstLine(error))) throw error;
    await setTimeout(pause);
    return acquire();
  }));
  try {
    await mine;
  } catch (cause) {
    if (held === mine) held = undefined;
    throw new RuntimeError(`WebGPU gave no device: ${firstLine(cause)}`, { cause });
  }
}

function adaptForWebGpu(model: Uint8Array): Uint8Array {
  const decoded = decodeOnnx(model);
  const adapted = forWebGpu(decoded);
  return adapted === decoded ? model : encodeOnnx(adapted);
}

function smallModel(): Uint8Array {
  const value = { dtype: "float32", shape: [1] } as const;
  const node = {
    name: "copy",
    operator: "Identity",
    domain: "",
    inputs: ["x"],
    outputs: ["y"],
    attributes: {},
  };
  return encodeOnnx({
    irVersion: 8,
    producer: "tenon",
    documentation: "",
    opsets: { "": 17 },
    metadata: {},
    graph: {
      name: "held",
      nodes: [node],
      inputs: [{ name: "x", ...value }],
      outputs: [{ name: "y", ...value }],
      initializers: [],
    },
  });
}

async function createSession(
  model: Uint8Array,
  settings: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, settings);
  } catch (error) {
    // The runtime fuses some float64 operators into ones that it has for float32 only: then without its own operators.
    if (!/Failed to find kernel for com\.microsoft/.test(firstLine(error))) throw error;
    return InferenceSession.create(model, { ...settings, graphOptimizationLevel: "basic" });
  }
}

function describeInput(input: InferenceSession.ValueMetadata): SessionInput {
  if (!input.isTensor || !isDType(input.type))
    throw new RuntimeError(`the model's input "${input.name}" is no tensor of a type that is supported`);
  return { name: input.name, dtype: input.type, shape: input.shape };
}

/** A place in ONNX Runtime's own sources, with the function's signature: nothing to its users. */
const nativePlace =
  /\/onnxruntime_src\/\S+:\d+ [^()]*\([^()]*\)(?:::<lambda\([^()]*\)>)?(?: \[with [^\]]*\])? /g;

/** What ONNX Runtime says of a kernel in float16 on a device without it. */
const lacksHalf = /\S+:\d+ \w+ Program \w+ requires f16 but the device does not support it\.?/;

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split("\n", 1)[0] ?? message)
    .replaceAll(nativePlace, "")
    .replace(lacksHalf, "the device does not compute float16 (WebGPU's shader-f16)");
}
