/** @file Requests whose values stand in a plan's places keep them so: their tensors are made only for those who ask. */
import type { InferenceRequest } from "./inference.ts";
import { PlannedRequest } from "./plan/planned-request.ts";

/** The same call of another model or version. */
export function addressed(
  request: InferenceRequest,
  model: string,
  version: string | undefined,
): InferenceRequest {
  if (request instanceof PlannedRequest)
    return new PlannedRequest(model, version, request.plan, request.values, request);
  return { ...request, model, version };
}

/** The rows of a call: the first length of its first tensor. */
export function requestRows(request: InferenceRequest): number {
  if (request instanceof PlannedRequest) return request.values.rows;
  return request.inputs[0]?.shape[0] ?? 1;
}

/** The elements of all inputs of a call together. */
export function requestElements(request: InferenceRequest): number {
  if (!(request instanceof PlannedRequest))
    return request.inputs.reduce((sum, { data }) => sum + data.length, 0);
  const { numbers, texts, tensors } = request.values;
  return numbers.length + texts.length + tensors.reduce((sum, tensor) => sum + tensor.length, 0);
}
