/** @file Elements of tensors as JSON, exact: reading them back gives the same elements. What JSON has no number for is null. */
import type { InferenceTensor, TensorElements } from "../inference.ts";

/** The elements as a list in JSON. */
export function elementsJson({ datatype, data }: Pick<InferenceTensor, "datatype" | "data">): string {
  if (data instanceof Float32Array) return float32Json(data, 0, data.length);
  if (data instanceof Float64Array) return float64Json(data);
  if (datatype === "BYTES" && isTexts(data))
    return data.length === 1 ? `[${quotedText(data[0] ?? "")}]` : textsJson(data);
  if (datatype === "BOOL") return booleansJson(data);
  return `[${data.join(",")}]`;
}

function isTexts(data: TensorElements): data is readonly string[] {
  return Array.isArray(data);
}

function textsJson(texts: readonly string[]): string {
  let text = "[";
  for (let at = 0; at < texts.length; at++) text += `${at === 0 ? "" : ","}${quotedText(texts[at] ?? "")}`;
  return `${text}]`;
}

const plain = /^[\u0020\u0021\u0023-\u005b\u005d-\u007e]*$/;

function quotedText(text: string): string {
  return text.length < 64 && plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

function booleansJson(data: TensorElements): string {
  let text = "[";
  for (let at = 0; at < data.length; at++)
    text += `${at === 0 ? "" : ","}${Number(data[at]) === 0 ? "false" : "true"}`;
  return `${text}]`;
}

/** Some of float32 elements as a list in JSON. */
export function float32Json(data: Float32Array, first: number, end: number): string {
  let text = "[";
  for (let at = first; at < end; at++) text += (at === first ? "" : ",") + float32Text(data[at] ?? 0);
  return `${text}]`;
}

/**
 * A float32 with as few digits as is quickly known to give the same float32 again: nine behind the point where that does,
 * else as the double that it is.
 */
export function float32Text(value: number): string {
  if (!Number.isFinite(value)) return "null";
  const rounded = Math.round(value * 1e9) / 1e9;
  return String(Math.fround(rounded) === value ? rounded : value);
}

function float64Json(data: Float64Array): string {
  let text = "[";
  for (let at = 0; at < data.length; at++) {
    const value = data[at] ?? 0;
    text += (at === 0 ? "" : ",") + (Number.isFinite(value) ? String(value) : "null");
  }
  return `${text}]`;
}
