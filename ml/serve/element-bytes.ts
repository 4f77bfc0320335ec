/**
 * @file Elements of tensors as bytes: row-major and little-endian, each text behind its length in four bytes, as gRPC's raw contents
 * and the binary tensor extension of REST have them.
 */
import { InvalidInputError } from "../errors.ts";
import { elementArrays } from "./element-arrays.ts";
import type { Datatype, TensorElements } from "./inference.ts";

type NumericElements = Exclude<TensorElements, readonly string[]>;

interface NumericArray {
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): NumericElements;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * The elements that bytes hold. Where they lie aligned they are not copied: the elements are a view of the bytes' memory, to be read
 * only.
 * @param field what the bytes are of, for errors
 * @param count how many elements there must be
 * @throws {@link InvalidInputError} that names the field, where there are more or fewer, a text ends beyond the bytes, or one is no UTF-8
 */
export function elementsOfBytes(
  field: string,
  datatype: Datatype,
  count: number,
  bytes: Uint8Array,
): TensorElements {
  if (datatype === "BYTES") return textsOfBytes(field, count, bytes);
  const Elements: NumericArray = elementArrays[datatype];
  const width = Elements.BYTES_PER_ELEMENT;
  if (bytes.byteLength !== count * width)
    throw new InvalidInputError(
      `${field} has ${bytes.byteLength} bytes, but ${count} elements of ${datatype} are ${count * width}`,
    );
  if (bytes.byteOffset % width === 0) return new Elements(bytes.buffer, bytes.byteOffset, count);
  return new Elements(new Uint8Array(bytes).buffer);
}

function textsOfBytes(field: string, count: number, bytes: Uint8Array): readonly string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + 4;
    const end = start <= bytes.length ? start + view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (end > bytes.length)
      throw new InvalidInputError(`${field}: text ${texts.length} ends beyond the tensor's bytes`);
    texts.push(textOfBytes(`${field}: text ${texts.length}`, bytes.subarray(start, end)));
    at = end;
  }
  if (texts.length !== count)
    throw new InvalidInputError(`${field} has ${texts.length} texts, but ${count} elements`);
  return texts;
}

// A mark of the byte order at a text's beginning is part of the text.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A text. @throws {@link InvalidInputError} that names the field, where the bytes are no UTF-8 */
export function textOfBytes(field: string, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new InvalidInputError(`${field} is no UTF-8`, { cause });
  }
}

const encoder = new TextEncoder();

/** The bytes of elements: of numbers on the same memory. */
export function bytesOfElements(elements: TensorElements): Uint8Array {
  if (!isTexts(elements)) return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  const texts = elements.map((text) => encoder.encode(text));
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 4 + text.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of texts) {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}

/** Whether elements are those of a tensor of type `BYTES`. */
export const isTexts = (elements: TensorElements): elements is readonly string[] => Array.isArray(elements);
