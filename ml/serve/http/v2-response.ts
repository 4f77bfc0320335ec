/** @file Answers of the Open Inference Protocol v2 in JSON, written by hand. */
import type { InferenceResponse, InferenceTensor, Parameters } from "../inference.ts";
import { elementsJson } from "../json/write-elements.ts";

/** Names as JSON, which are few: models', versions' and outputs'. */
const quoted = new Map<string, string>();

/** A name as JSON. Only names of models and their parts may be given: they are remembered. */
export function quotedName(name: string): string {
  let text = quoted.get(name);
  if (text === undefined) quoted.set(name, (text = JSON.stringify(name)));
  return text;
}

/** An answer as JSON. */
export function v2Json(response: InferenceResponse): string {
  const { outputs } = response;
  let text = responseStart(response);
  for (let at = 0; at < outputs.length; at++) {
    const output = outputs[at];
    if (!output) continue;
    text += `${at === 0 ? "" : ","}${tensorHead(output)},"data":${elementsJson(output)}}`;
  }
  return `${text}]}`;
}

/** An answer's JSON up to its outputs. */
export function responseStart({ model, version, id, parameters }: InferenceResponse): string {
  let text = `{"model_name":${quotedName(model)},"model_version":${quotedName(version)}`;
  if (id !== undefined) text += `,"id":${JSON.stringify(id)}`;
  if (parameters !== undefined) text += `,"parameters":${parametersJson(parameters)}`;
  return `${text},"outputs":[`;
}

function parametersJson(parameters: Parameters): string {
  return JSON.stringify(parameters);
}

/** A tensor's JSON without its end: name, type and shape. */
export function tensorHead({ name, datatype, shape }: InferenceTensor): string {
  return `{"name":${quotedName(name)},"datatype":"${datatype}","shape":[${shape.join(",")}]`;
}
