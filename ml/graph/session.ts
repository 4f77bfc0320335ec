/**
 * @file ONNX models run by ONNX Runtime on the CPU, on one thread.
 *
 * A run occupies the JavaScript thread until it ends; between runs the event loop is free. Keep single runs to a few
 * milliseconds (batches), and the notebook stays responsive. A closed session releases its native memory.
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { RuntimeError } from "./errors.ts";
import type { ElementType } from "./value.ts";

/** The data of a tensor with its shape; row-major. */
export type TensorData =
  | { readonly type: "float32"; readonly data: Float32Array; readonly shape: readonly number[] }
  | { readonly type: "int64"; readonly data: BigInt64Array; readonly shape: readonly number[] }
  | { readonly type: "string"; readonly data: readonly string[]; readonly shape: readonly number[] };

/** An input of a model as the model file declares it; unknown sizes are names or -1. */
export interface SessionInput {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
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
  static async create(model: Uint8Array): Promise<Session> {
    let session: InferenceSession;
    try {
      session = await InferenceSession.create(model, {
        executionProviders: ["cpu"],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 4,
        extra: { session: { intra_op: { allow_spinning: "0" } } },
      });
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
   * @param outputs where float32 outputs go: arrays to write into, which must not be an input's, or null for new ones
   * @returns the float32 outputs asked for, by name
   */
  async run(
    inputs: Readonly<Record<string, TensorData>>,
    outputs: Readonly<
      Record<string, { readonly data: Float32Array; readonly shape: readonly number[] } | null>
    >,
  ): Promise<Record<string, Float32Array>> {
    if (this.#closed) throw new RuntimeError("the session is closed");
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, toTensor(input)]));
    const fetches = Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => [
        name,
        output && new Tensor("float32", output.data, output.shape),
      ]),
    );
    let results: InferenceSession.ReturnType;
    try {
      results = await this.#session.run(feeds, fetches);
    } catch (cause) {
      throw new RuntimeError(`ONNX Runtime failed to run the model: ${firstLine(cause)}`, { cause });
    }
    return Object.fromEntries(
      Object.keys(outputs).map((name) => {
        const data = results[name]?.data;
        if (!(data instanceof Float32Array))
          throw new RuntimeError(`the model's output "${name}" is not float32`);
        return [name, data];
      }),
    );
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

function toTensor(input: TensorData): Tensor {
  switch (input.type) {
    case "float32":
      return new Tensor("float32", input.data, input.shape);
    case "int64":
      return new Tensor("int64", input.data, input.shape);
    default:
      return new Tensor("string", input.data, input.shape);
  }
}

function describeInput(input: InferenceSession.ValueMetadata): SessionInput {
  if (!input.isTensor || !isElementType(input.type)) {
    throw new RuntimeError(`the model's input "${input.name}" is neither float32, int64 nor string`);
  }
  return { name: input.name, type: input.type, shape: input.shape };
}

function isElementType(type: string): type is ElementType {
  return type === "float32" || type === "int64" || type === "string";
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0] ?? message;
}
