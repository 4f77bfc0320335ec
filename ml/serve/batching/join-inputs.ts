/** @file Values of several requests as those of one, and the outputs of one for several. */
import type { InferenceTensor, TensorElements } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";

/** Whether requests can be computed together: their tensors differ in the number of rows only. */
export function fitTogether(a: ModelInputs, b: ModelInputs): boolean {
  return a.shapes.every((shape, at) => {
    const other = b.shapes[at];
    if (other?.length !== shape.length) return false;
    for (let axis = 1; axis < shape.length; axis++) if (shape[axis] !== other[axis]) return false;
    return true;
  });
}

/** The values of requests that fit together, in their order. */
export function joinInputs(parts: readonly ModelInputs[]): ModelInputs {
  const [first] = parts;
  if (!first) throw new RangeError("there is nothing to join");
  if (parts.length === 1) return first;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const numbers = new Float64Array(parts.reduce((sum, part) => sum + part.numbers.length, 0));
  let at = 0;
  for (const part of parts) {
    numbers.set(part.numbers, at);
    at += part.numbers.length;
  }
  return {
    rows,
    numbers,
    texts: first.texts.length === 0 ? [] : parts.flatMap(({ texts }) => texts),
    tensors: first.tensors.map((_, place) => joinElements(parts.map(({ tensors }) => tensors[place] ?? []))),
    shapes: first.shapes.map((shape) => shape.with(0, rows)),
  };
}

function joinElements(parts: readonly TensorElements[]): TensorElements {
  const [first = []] = parts;
  if (!ArrayBuffer.isView(first)) return parts.flatMap((part) => (isTexts(part) ? part : []));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  // All are of one input's type, so what the first one's constructor makes holds the others.
  const joined = first.slice(0, 0);
  const bytes = new Uint8Array(length * joined.BYTES_PER_ELEMENT);
  let at = 0;
  for (const part of parts) {
    if (!ArrayBuffer.isView(part)) continue;
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return elementsOn(joined, bytes.buffer);
}

function elementsOn(like: Exclude<TensorElements, readonly string[]>, buffer: ArrayBuffer): TensorElements {
  // SAFETY: the constructor of a typed array takes a buffer of whole elements.
  const Elements = like.constructor as new (buffer: ArrayBuffer) => TensorElements;
  return new Elements(buffer);
}

function isTexts(data: TensorElements): data is readonly string[] {
  return Array.isArray(data);
}

/** A request's rows of outputs that were computed for several, on the same memory. */
export function rowsOfOutputs(
  outputs: readonly InferenceTensor[],
  first: number,
  rows: number,
): readonly InferenceTensor[] {
  return outputs.map(({ name, datatype, shape, data }) => {
    const [all = 1, ...sizes] = shape;
    const width = data.length / Math.max(all, 1);
    const [start, end] = [first * width, (first + rows) * width];
    return {
      name,
      datatype,
      shape: [rows, ...sizes],
      data: ArrayBuffer.isView(data) ? data.subarray(start, end) : data.slice(start, end),
    };
  });
}
