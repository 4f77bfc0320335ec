/** @file Calls and answers of the Open Inference Protocol with tensors as bytes, behind a head of JSON. */
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import { datatypes } from "../serve/element-arrays.ts";
import { bytesOfElements, elementsOfBytes } from "../serve/element-bytes.ts";
import type { Datatype, InferenceTensor, Parameters, TensorElements } from "../serve/inference.ts";
import { InferenceError } from "./errors.ts";

/** What is asked. */
export interface ModelCall {
  readonly id?: string | undefined;
  readonly inputs: readonly InferenceTensor[];
  /** The outputs that are wanted; all where absent. */
  readonly outputs?: readonly string[] | undefined;
  readonly parameters?: Parameters | undefined;
}

/** What is answered. */
export interface ModelAnswer {
  readonly model: string;
  /** The version that answered; undefined where the server doesn't tell. */
  readonly version: string | undefined;
  readonly id: string | undefined;
  readonly outputs: ReadonlyMap<string, InferenceTensor>;
  readonly parameters: Parameters | undefined;
}

const parametersSchema = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]));
const answerSchema = v.object({
  model_name: v.string(),
  model_version: v.optional(v.string()),
  id: v.optional(v.string()),
  parameters: v.optional(parametersSchema),
  outputs: v.array(
    v.object({
      name: v.string(),
      datatype: v.picklist(datatypes),
      shape: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
      parameters: v.optional(parametersSchema),
      data: v.optional(v.array(v.unknown())),
    }),
  ),
});

/** The header that tells where the JSON ends. */
export const headLength = "inference-header-content-length";

/**
 * The body of a call and its headers.
 * @throws {InvalidInputError} for a tensor whose shape is not its elements'
 */
export function callBody({ id, inputs, outputs, parameters }: ModelCall): {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
} {
  const parts = inputs.map(({ name, shape, data }) => {
    if (shape.reduce((product, size) => product * size, 1) !== data.length)
      throw new InvalidInputError(
        `the tensor ${JSON.stringify(name)} of shape [${shape.join(", ")}] has ${data.length} elements`,
      );
    return bytesOfElements(data);
  });
  const head = new TextEncoder().encode(
    JSON.stringify({
      id,
      parameters: { ...parameters, binary_data_output: true },
      inputs: inputs.map(({ name, datatype, shape }, at) => ({
        name,
        datatype,
        shape,
        parameters: { binary_data_size: parts[at]?.length ?? 0 },
      })),
      outputs: outputs?.map((name) => ({ name, parameters: { binary_data: true } })),
    }),
  );
  const body = new Uint8Array(parts.reduce((sum, part) => sum + part.length, head.length));
  body.set(head);
  let at = head.length;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return {
    body,
    headers: { "content-type": "application/octet-stream", [headLength]: String(head.length) },
  };
}

/**
 * The answer of a body, whose tensors may be JSON or bytes.
 * @throws {InferenceError} for a body that is no answer
 */
export function parseAnswerBody(body: Uint8Array, length: string | null): ModelAnswer {
  try {
    const head = length === null ? body.length : Number(length);
    if (!Number.isSafeInteger(head) || head < 0 || head > body.length)
      throw new InvalidInputError("its head has no valid length");
    const content = v.parse(answerSchema, JSON.parse(new TextDecoder().decode(body.subarray(0, head))));
    let at = head;
    const outputs = content.outputs.map(({ name, datatype, shape, parameters, data }): InferenceTensor => {
      const size = parameters?.["binary_data_size"];
      const count = shape.reduce((product, each) => product * each, 1);
      let elements: TensorElements;
      if (typeof size === "number") {
        if (at + size > body.length) throw new InvalidInputError(`the output ${name} ends beyond it`);
        elements = elementsOfBytes(name, datatype, count, body.subarray(at, at + size));
        at += size;
      } else elements = elementsOfJson(datatype, data ?? [], name);
      if (elements.length !== count)
        throw new InvalidInputError(`the output ${name} has ${elements.length} elements`);
      return { name, datatype, shape, data: elements };
    });
    return {
      model: content.model_name,
      version: content.model_version,
      id: content.id,
      outputs: new Map(outputs.map((output) => [output.name, output])),
      parameters: content.parameters,
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InferenceError(`the server's answer is none of the protocol's: ${reason}`, { cause });
  }
}

const numberArrays = {
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT8: Uint8Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

function elementsOfJson(datatype: Datatype, data: readonly unknown[], name: string): TensorElements {
  const flat: unknown[] = data.flat(Infinity);
  if (datatype === "BYTES") return flat.map(String);
  if (datatype === "BOOL") return Uint8Array.from(flat, (value) => (value === true || value === 1 ? 1 : 0));
  // Missing numbers are null in JSON.
  const numbers = flat.map((value) => (value === null ? Number.NaN : value));
  if (numbers.some((value) => typeof value !== "number"))
    throw new InvalidInputError(`the output ${name} has elements that are no numbers`);
  const found = numbers.map(Number);
  if (datatype === "INT64") return BigInt64Array.from(found, BigInt);
  if (datatype === "UINT64") return BigUint64Array.from(found, BigInt);
  if (datatype === "FP16") throw new InvalidInputError(`the output ${name} is FP16, which JSON has not`);
  return numberArrays[datatype].from(found);
}
