/** @file Requests of the Open Inference Protocol v2 in JSON. */
import { InvalidInputError } from "../../errors.ts";
import { isDatatype } from "../element-arrays.ts";
import { ServingError, type Datatype, type Parameters, type TensorElements } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import type { InputPlan, ModelPlan } from "../plan/model-plan.ts";
import type { RequestDetails } from "../plan/planned-request.ts";
import { findInput, inputsOfTensors, type GivenTensor } from "../plan/read-tensors.ts";

/** A request, read. */
export interface V2Request extends RequestDetails {
  readonly values: ModelInputs;
  /** Whether an output is wanted as bytes; absent where none is. */
  readonly isBinary?: ((output: string) => boolean) | undefined;
}

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Lists and objects of one body: each takes many times its bytes in memory, and no other request is answered meanwhile. */
const mostNested = 2 ** 21;

function requireFewNested(body: Uint8Array): void {
  if (body.length < 2 * mostNested) return;
  let found = 0;
  for (const byte of body) if (byte === 0x5b || byte === 0x7b) found += 1;
  if (found > mostNested)
    throw new ServingError("too-large", `the body has more than ${mostNested} lists and objects`);
}

/**
 * JSON of a body.
 * @throws {@link InvalidInputError} for what is none, {@link ServingError} of kind `too-large` for millions of lists and objects
 */
export function parseJson(body: Uint8Array): unknown {
  requireFewNested(body);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : "it is no UTF-8";
    throw new InvalidInputError(`the body is no JSON: ${why}`, { cause });
  }
}

/** @throws {@link InvalidInputError} that names the field which is no object */
export function asObject(value: unknown, field: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    // SAFETY: it was just seen to be an object.
    return value as JsonObject;
  throw new InvalidInputError(`${field} must be an object`);
}

/**
 * Reads a request.
 * @throws {@link InvalidInputError} that names the field that doesn't fit
 */
export function readV2Json(plan: ModelPlan, body: Uint8Array): V2Request {
  const json = asObject(parseJson(body), "the body");
  return { values: inputsOfTensors(plan, tensorsOf(plan, json["inputs"])), ...detailsOf(json) };
}

/** What a request says beside its inputs. */
export function detailsOf(json: JsonObject): Omit<V2Request, "values"> {
  const { id } = json;
  if (id !== undefined && typeof id !== "string") throw new InvalidInputError("id must be a text");
  const outputs = json["outputs"] === undefined ? undefined : outputsOf(json["outputs"]);
  const given = parametersOf(json["parameters"], "parameters");
  const { binary_data_output: allBinary, ...parameters } = given ?? {};
  const binary = new Set(
    outputs?.filter(({ isBinary }) => isBinary ?? allBinary === true).map(({ name }) => name),
  );
  const isBinary =
    outputs === undefined
      ? allBinary === true && (() => true)
      : binary.size > 0 && ((name: string) => binary.has(name));
  return {
    id,
    outputs: outputs?.map(({ name }) => name),
    parameters: given && parameters,
    ...(isBinary !== false && { isBinary }),
  };
}

interface WantedOutput {
  readonly name: string;
  readonly isBinary: boolean | undefined;
}

function outputsOf(outputs: unknown): readonly WantedOutput[] {
  if (!Array.isArray(outputs)) throw new InvalidInputError("outputs must be a list");
  return outputs.map((output: unknown, at) => {
    const { name, parameters } = asObject(output, `outputs[${at}]`);
    if (typeof name !== "string") throw new InvalidInputError(`outputs[${at}].name must be a text`);
    const given = parametersOf(parameters, `outputs[${at}].parameters`);
    if (given?.["classification"] !== undefined)
      throw new InvalidInputError(`outputs[${at}].parameters.classification is not supported`);
    const isBinary = given?.["binary_data"];
    return { name, isBinary: typeof isBinary === "boolean" ? isBinary : undefined };
  });
}

/** @throws {@link InvalidInputError} that names the parameter which is no text, number or truth value */
export function parametersOf(value: unknown, field: string): Parameters | undefined {
  if (value === undefined) return undefined;
  const object = asObject(value, field);
  const parameters: Record<string, string | number | boolean> = {};
  for (const [name, each] of Object.entries(object)) {
    if (typeof each !== "string" && typeof each !== "number" && typeof each !== "boolean")
      throw new InvalidInputError(`${field}.${name} must be a text, a number or a truth value`);
    Object.defineProperty(parameters, name, { value: each, enumerable: true });
  }
  return parameters;
}

/** Tensors of a request; the elements of columns are left as JSON has them, for the plan to check. */
function tensorsOf(plan: ModelPlan, inputs: unknown): readonly GivenTensor[] {
  if (!Array.isArray(inputs)) throw new InvalidInputError("inputs must be a list of tensors");
  return inputs.map((each: unknown, at) =>
    jsonTensor(plan, asObject(each, `inputs[${at}]`), `inputs[${at}]`),
  );
}

/** A tensor with its elements in JSON. */
export function jsonTensor(plan: ModelPlan, json: JsonObject, field: string): GivenTensor {
  const { input, shape, datatype } = tensorHeader(plan, json, field);
  const data = flatten(json["data"], `${field}.data`);
  return { name: input.name, datatype, shape, data: elementsOf(input, data, datatype, `${field}.data`) };
}

/** The name, shape and type of a tensor. */
export function tensorHeader(
  plan: ModelPlan,
  { name, shape, datatype }: JsonObject,
  field: string,
): { readonly input: InputPlan; readonly shape: readonly number[]; readonly datatype: Datatype } {
  if (typeof name !== "string") throw new InvalidInputError(`${field}.name must be a text`);
  const input = findInput(plan, name);
  if (!isSizes(shape))
    throw new InvalidInputError(`${field}.shape must be a list of whole numbers from 0 up`);
  if (!isDatatype(datatype))
    throw new InvalidInputError(
      `${field}.datatype is ${typeof datatype === "string" ? JSON.stringify(datatype.slice(0, 50)) : "no text"}, which is no type of the protocol`,
    );
  return { input, shape, datatype };
}

function isSizes(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.length <= 8 &&
    value.every((size: unknown) => typeof size === "number" && Number.isSafeInteger(size) && size >= 0)
  );
}

/** How deep lists may stand in lists. */
const deepest = 8;

/** The elements of lists in lists, in order. */
export function flatten(data: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(data)) throw new InvalidInputError(`${field} must be a list`);
  // SAFETY: a list of JSON holds unknown values.
  const list = data as readonly unknown[];
  if (!list.some((each) => Array.isArray(each))) return list;
  const found: unknown[] = [];
  const add = (each: unknown, depth: number): void => {
    if (!Array.isArray(each)) found.push(each);
    else if (depth === deepest) throw new InvalidInputError(`${field} has lists in lists beyond ${deepest}`);
    else for (const inner of each) add(inner, depth + 1);
  };
  add(list, 0);
  return found;
}

function elementsOf(
  input: InputPlan,
  data: readonly unknown[],
  datatype: Datatype,
  field: string,
): GivenTensor["data"] {
  // The plan checks each element of a column.
  if (input.group !== "tensor") return data;
  if (datatype !== input.datatype)
    throw new InvalidInputError(
      `the input "${input.name}" is ${datatype}, where ${input.datatype} is needed`,
    );
  return jsonElements(datatype, data, field);
}

function wrong(field: string, at: number, value: unknown, needed: string): InvalidInputError {
  // What is an object may be deeper than it can be written.
  const isObject = typeof value === "object" && value !== null;
  const shown = isObject ? "a list or an object" : (JSON.stringify(value) ?? "nothing");
  return new InvalidInputError(
    `${field}[${at}] is ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}, where ${needed} is needed`,
  );
}

const integerRanges = {
  INT8: [Int8Array, -128, 127],
  UINT8: [Uint8Array, 0, 255],
  INT32: [Int32Array, -(2 ** 31), 2 ** 31 - 1],
} as const;

/**
 * Elements of JSON as an array of a tensor's type.
 * @throws {@link InvalidInputError} that names the element
 */
export function jsonElements(datatype: Datatype, data: readonly unknown[], field: string): TensorElements {
  switch (datatype) {
    case "FP32":
    case "FP64": {
      const array = datatype === "FP32" ? new Float32Array(data.length) : new Float64Array(data.length);
      for (const [at, value] of data.entries()) {
        if (typeof value !== "number") throw wrong(field, at, value, "a number");
        array[at] = value;
      }
      return array;
    }
    case "INT64": {
      const array = new BigInt64Array(data.length);
      for (const [at, value] of data.entries()) {
        if (!Number.isSafeInteger(value)) throw wrong(field, at, value, "a whole number");
        array[at] = BigInt(Number(value));
      }
      return array;
    }
    case "INT8":
    case "UINT8":
    case "INT32": {
      const [Elements, lowest, highest] = integerRanges[datatype];
      const array = new Elements(data.length);
      for (const [at, value] of data.entries()) {
        if (typeof value !== "number" || !Number.isInteger(value) || value < lowest || value > highest)
          throw wrong(field, at, value, `a whole number from ${lowest} to ${highest}`);
        array[at] = value;
      }
      return array;
    }
    case "BOOL": {
      const array = new Uint8Array(data.length);
      for (const [at, value] of data.entries()) {
        if (value !== true && value !== false && value !== 0 && value !== 1)
          throw wrong(field, at, value, "true or false");
        array[at] = Number(value);
      }
      return array;
    }
    case "BYTES":
      return data.map((value, at) => {
        if (typeof value === "string") return value;
        throw wrong(field, at, value, "a text");
      });
    default:
      throw new InvalidInputError(`${field}: no model here takes ${datatype} as JSON`);
  }
}
