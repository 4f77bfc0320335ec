/** @file Answers as texts, for caches that several processes share. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { datatypes, elementArrays } from "../element-arrays.ts";
import type { Datatype, InferenceResponse, InferenceTensor, TensorElements } from "../inference.ts";

const outputSchema = v.strictObject({
  name: v.string(),
  datatype: v.picklist(datatypes),
  shape: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  data: v.union([v.string(), v.array(v.string())]),
});

const answerSchema = v.strictObject({
  model: v.string(),
  version: v.string(),
  parameters: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
  outputs: v.array(outputSchema),
});

/** An answer as JSON, the elements of its tensors as little-endian bytes in base64. */
export function answerText({ model, version, parameters, outputs }: InferenceResponse): string {
  return JSON.stringify({
    model,
    version,
    parameters,
    outputs: outputs.map(({ name, datatype, shape, data }) => ({
      name,
      datatype,
      shape,
      data: ArrayBuffer.isView(data)
        ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64")
        : data,
    })),
  });
}

/**
 * The answer of a text that {@link answerText} made.
 * @throws {InvalidInputError} for any other text
 */
export function parseAnswer(text: string): InferenceResponse {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError("a cached answer is no JSON", { cause });
  }
  const parsed = v.safeParse(answerSchema, content);
  if (!parsed.success) throw new InvalidInputError(`a cached answer: ${parsed.issues[0].message}`);
  const { model, version, parameters, outputs } = parsed.output;
  return { model, version, id: undefined, outputs: outputs.map(tensorOf), ...(parameters && { parameters }) };
}

function tensorOf({ name, datatype, shape, data }: v.InferOutput<typeof outputSchema>): InferenceTensor {
  const elements = elementsOf(datatype, data);
  if (elements.length !== shape.reduce((product, size) => product * size, 1))
    throw new InvalidInputError(`a cached answer: the output ${name} has ${elements.length} elements`);
  return { name, datatype, shape, data: elements };
}

function elementsOf(datatype: Datatype, data: string | readonly string[]): TensorElements {
  if (typeof data !== "string") {
    if (datatype !== "BYTES") throw new InvalidInputError("a cached answer: numbers are texts");
    return data;
  }
  if (datatype === "BYTES") throw new InvalidInputError("a cached answer: texts are bytes");
  const bytes = Buffer.from(data, "base64");
  const type = elementArrays[datatype];
  if (bytes.length % type.BYTES_PER_ELEMENT !== 0)
    throw new InvalidInputError("a cached answer: a tensor ends within an element");
  // Node's small buffers share memory at any offset, which elements of several bytes can't begin at.
  return new type(Uint8Array.from(bytes).buffer);
}
