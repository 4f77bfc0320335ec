/**
 * @file What tells one call's content from another's: all that the answer depends on but the model. Small contents are their own
 * key, so that no two can be taken for one another; of large ones it is a SHA-256.
 */
import { createHash } from "node:crypto";
import type { InferenceRequest, TensorElements } from "../inference.ts";
import { PlannedRequest } from "../plan/planned-request.ts";

/** Longer contents are hashed. */
const longest = 1024;

/** The key of a call's inputs, wanted outputs and parameters within this process. */
export function contentKey(request: InferenceRequest): string {
  return shortened(
    detailsKey(request) + (request instanceof PlannedRequest ? plannedKey(request) : tensorsKey(request)),
  );
}

/** The key that any process gives the same content, asked of the same package. */
export function portableKey(request: InferenceRequest, packageId = ""): string {
  return createHash("sha256")
    .update(packageId + detailsKey(request) + tensorsKey(request), "utf16le")
    .digest("base64url");
}

/** When and how urgently an answer is wanted doesn't change it. */
function detailsKey({ outputs, parameters }: InferenceRequest): string {
  if (outputs === undefined && parameters === undefined) return "";
  const named = Object.entries(parameters ?? {}).filter(
    ([name]) => name !== "timeout" && name !== "priority",
  );
  return outputs === undefined && named.length === 0 ? "" : JSON.stringify([outputs, named]);
}

/** What goes beyond a length, as its hash. */
function shortened(key: string): string {
  if (key.length <= longest) return key;
  return `#${createHash("sha256").update(key, "utf16le").digest("base64")}`;
}

const planNumbers = new WeakMap<object, number>();
let plans = 0;

/** The same values mean something else in the places of another plan. */
function plannedKey({ plan, values }: PlannedRequest): string {
  let number = planNumbers.get(plan);
  if (number === undefined) planNumbers.set(plan, (number = plans++));
  const { rows, numbers, texts, tensors, shapes } = values;
  let key = `p${number}/${rows}:${bytesText(numbers)}`;
  if (texts.length > 0) key += JSON.stringify(texts);
  for (const [at, tensor] of tensors.entries()) key += `|${String(shapes[at])}:${elementsText(tensor)}`;
  return key;
}

function tensorsKey({ inputs }: InferenceRequest): string {
  let key = "t";
  for (const { name, datatype, shape, data } of inputs)
    key += `|${JSON.stringify(name)}${datatype}${String(shape)}:${elementsText(data)}`;
  return key;
}

function elementsText(data: TensorElements): string {
  return ArrayBuffer.isView(data) ? bytesText(data) : JSON.stringify(data);
}

function bytesText({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  // Hashed piece by piece, or a large tensor would be a text twice as large first.
  if (byteLength > longest) return `#${createHash("sha256").update(bytes).digest("base64")}`;
  return `${byteLength}:${bytes.toString("latin1")}`;
}
