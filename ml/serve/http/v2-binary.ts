/** @file Requests and answers of the Open Inference Protocol v2 with tensors as bytes behind the JSON. */
import { InvalidInputError } from "../../errors.ts";
import { bytesOfElements, elementsOfBytes } from "../element-bytes.ts";
import type { InferenceResponse } from "../inference.ts";
import { elementsJson } from "../json/write-elements.ts";
import type { ModelPlan } from "../plan/model-plan.ts";
import { inputsOfTensors, type GivenTensor } from "../plan/read-tensors.ts";
import { responseStart, tensorHead } from "./v2-response.ts";
import {
  asObject,
  detailsOf,
  jsonTensor,
  parametersOf,
  parseJson,
  tensorHeader,
  type V2Request,
} from "./v2-request.ts";

/**
 * Reads a request whose JSON ends at a length and whose tensors stand behind it, in the order of those that give their size.
 * @throws {@link InvalidInputError} that names the field that doesn't fit
 */
export function readV2Binary(plan: ModelPlan, body: Buffer, headerLength: string): V2Request {
  const length = /^\d{1,10}$/.test(headerLength) ? Number(headerLength) : Number.NaN;
  if (!(length <= body.length))
    throw new InvalidInputError(
      `the header Inference-Header-Content-Length is ${headerLength.slice(0, 20)}, and the body has ${body.length} bytes`,
    );
  const json = asObject(parseJson(body.subarray(0, length)), "the body");
  const { inputs } = json;
  if (!Array.isArray(inputs)) throw new InvalidInputError("inputs must be a list of tensors");
  let at = length;
  const tensors = inputs.map((each: unknown, index): GivenTensor => {
    const field = `inputs[${index}]`;
    const object = asObject(each, field);
    const size = parametersOf(object["parameters"], `${field}.parameters`)?.["binary_data_size"];
    if (size === undefined) return jsonTensor(plan, object, field);
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0 || size > body.length - at)
      throw new InvalidInputError(
        `${field}.parameters.binary_data_size is ${size}, and ${body.length - at} bytes are left`,
      );
    const { input, shape, datatype } = tensorHeader(plan, object, field);
    const count = shape.reduce((product, length) => product * length, 1);
    const data = elementsOfBytes(field, datatype, count, body.subarray(at, at + size));
    at += size;
    return { name: input.name, datatype, shape, data };
  });
  if (at !== body.length)
    throw new InvalidInputError(`${body.length - at} bytes of the body belong to no input`);
  return { values: inputsOfTensors(plan, tensors), ...detailsOf(json) };
}

/** An answer, the outputs that are wanted so as bytes: the JSON's length and all of it. */
export function v2Binary(
  response: InferenceResponse,
  isBinary: (output: string) => boolean,
): { readonly headerLength: number; readonly body: Buffer } {
  const parts: Uint8Array[] = [];
  const texts = response.outputs.map((output) => {
    if (!isBinary(output.name)) return `${tensorHead(output)},"data":${elementsJson(output)}}`;
    const bytes = bytesOfElements(output.data);
    parts.push(bytes);
    return `${tensorHead(output)},"parameters":{"binary_data_size":${bytes.length}}}`;
  });
  const json = Buffer.from(`${responseStart(response)}${texts.join(",")}]}`);
  return { headerLength: json.length, body: Buffer.concat([json, ...parts]) };
}
