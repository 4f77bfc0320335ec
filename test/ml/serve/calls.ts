/** @file Calls and answers for tests of what stands between protocols and models. */
import type {
  CallContext,
  InferenceRequest,
  InferenceResponse,
  InferenceTensor,
} from "../../../ml/serve/inference.ts";

/** A tensor of float32 rows. */
export function tensor(name: string, rows: readonly (readonly number[])[]): InferenceTensor {
  return {
    name,
    datatype: "FP32",
    shape: [rows.length, rows[0]?.length ?? 0],
    data: Float32Array.from(rows.flat()),
  };
}

/** A call of the model `risk` with one row. */
export function call(change: Partial<InferenceRequest> = {}): InferenceRequest {
  return {
    model: "risk",
    version: undefined,
    id: undefined,
    inputs: [tensor("x", [[1, 2, 3]])],
    outputs: undefined,
    parameters: undefined,
    ...change,
  };
}

/** What accompanies a call of nobody in particular. */
export function context(change: Partial<CallContext> = {}): CallContext {
  return {
    protocol: "v2",
    caller: { name: undefined, address: "127.0.0.1" },
    deadline: Infinity,
    signal: undefined,
    priority: 0,
    stickyKey: undefined,
    traceparent: undefined,
    ...change,
  };
}

/** The answer of one number. */
export function answer(
  request: InferenceRequest,
  value: number,
  version = request.version ?? "1",
): InferenceResponse {
  return { model: request.model, version, id: request.id, outputs: [tensor("y", [[value]])] };
}
