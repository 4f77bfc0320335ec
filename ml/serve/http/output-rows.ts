/** @file Answers as rows in JSON: MLflow's records, and the rows and columns of TF Serving. */
import type { InferenceResponse, InferenceTensor } from "../inference.ts";
import { elementsJson, float32Text } from "../json/write-elements.ts";
import type { ModelPlan, OutputPlan } from "../plan/model-plan.ts";
import { quotedName } from "./v2-response.ts";

/** An element of a tensor as JSON. */
function elementJson({ datatype, data }: InferenceTensor, at: number): string {
  const value = data[at];
  if (typeof value === "string") return JSON.stringify(value);
  if (datatype === "FP32") return float32Text(Number(value));
  if (datatype === "BOOL") return Number(value) === 0 ? "false" : "true";
  return typeof value === "number" && !Number.isFinite(value) ? "null" : String(value);
}

/** Elements from a place on as lists in lists of a shape. */
function nestedJson(tensor: InferenceTensor, shape: readonly number[], axis: number, from: number): string {
  if (axis === shape.length) return elementJson(tensor, from);
  const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  let text = "[";
  for (let at = 0; at < (shape[axis] ?? 0); at++)
    text += (at === 0 ? "" : ",") + nestedJson(tensor, shape, axis + 1, from + at * stride);
  return `${text}]`;
}

/** A whole tensor as lists in lists. */
function tensorJson(tensor: InferenceTensor): string {
  return tensor.shape.length === 1 ? elementsJson(tensor) : nestedJson(tensor, tensor.shape, 0, 0);
}

/** A row's part of a tensor. */
function rowJson(tensor: InferenceTensor, row: number): string {
  const sizes = tensor.shape.slice(1);
  const width = sizes.reduce((product, size) => product * size, 1);
  return nestedJson(tensor, sizes, 0, row * width);
}

/** MLflow's answer: a record for each row, of a matrix with a column for each class; of tensors lists by output. */
export function mlflowJson(plan: ModelPlan, { outputs }: InferenceResponse): string {
  if (plan.tensors > 0 || plan.outputs.some(({ shape, columns }) => shape.length > 0 && !columns))
    return `{"predictions":{${outputs.map((each) => `${quotedName(each.name)}:${tensorJson(each)}`).join(",")}}}`;
  const parts = outputs.map((tensor) => recordParts(findOutput(plan, tensor.name), tensor));
  const rows = outputs[0]?.shape[0] ?? 0;
  let text = '{"predictions":[';
  for (let row = 0; row < rows; row++) {
    text += row === 0 ? "{" : ",{";
    for (let at = 0; at < parts.length; at++) {
      const { keys, tensor } = parts[at] ?? noParts;
      for (let column = 0; column < keys.length; column++) {
        if (at > 0 || column > 0) text += ",";
        text += `${keys[column]}${elementJson(tensor, row * keys.length + column)}`;
      }
    }
    text += "}";
  }
  return `${text}]}`;
}

interface RecordParts {
  /** The names with their colons. */
  readonly keys: readonly string[];
  readonly tensor: InferenceTensor;
}

const noParts: RecordParts = { keys: [], tensor: { name: "", datatype: "FP32", shape: [0], data: [] } };

function recordParts(output: OutputPlan | undefined, tensor: InferenceTensor): RecordParts {
  const names = output?.columns?.map((column) => `${tensor.name}_${column}`) ?? [tensor.name];
  return { keys: names.map((name) => `${quotedName(name)}:`), tensor };
}

function findOutput(plan: ModelPlan, name: string): OutputPlan | undefined {
  return plan.outputs.find((output) => output.name === name);
}

/** TF Serving's answer to `instances`: for each row a value, or an object where there are several outputs. */
export function instancesJson({ outputs }: InferenceResponse): string {
  const rows = outputs[0]?.shape[0] ?? 0;
  const [only, another] = outputs;
  let text = '{"predictions":[';
  for (let row = 0; row < rows; row++) {
    if (row > 0) text += ",";
    if (only && !another) text += rowJson(only, row);
    else text += `{${outputs.map((each) => `${quotedName(each.name)}:${rowJson(each, row)}`).join(",")}}`;
  }
  return `${text}]}`;
}

/** TF Serving's answer to `inputs`: a tensor, or an object of them where there are several outputs. */
export function columnsJson({ outputs }: InferenceResponse): string {
  const [only, another] = outputs;
  if (only && !another) return `{"outputs":${tensorJson(only)}}`;
  return `{"outputs":{${outputs.map((each) => `${quotedName(each.name)}:${tensorJson(each)}`).join(",")}}}`;
}

/** Outputs as members of an object that has members before: of one row its value, else the values of all rows. */
export function outputValues(outputs: readonly InferenceTensor[]): string {
  return outputs
    .map((each) => `,${quotedName(each.name)}:${each.shape[0] === 1 ? rowJson(each, 0) : tensorJson(each)}`)
    .join("");
}
