/**
 * @file Tensors as bytes: elements row-major and little-endian, as gRPC's raw contents and the binary tensor extension have
 * them, texts each behind its length in four bytes.
 *
 * Where the bytes lie aligned they are not copied: the elements are a view of the message's memory, to be read only.
 */
import { isUtf8 } from "node:buffer";
import { elementArrays } from "../element-arrays.ts";
import { type Datatype, ServingError, type TensorElements } from "../inference.ts";

type NumericElements = Exclude<TensorElements, readonly string[]>;

interface NumericArray {
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): NumericElements;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * The number of elements of a shape.
 * @throws {ServingError} of kind `invalid` where a size is negative or there are more elements than any message can hold.
 */
export function elementCount(name: string, shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    if (!(size >= 0)) throw new ServingError("invalid", `input "${name}": the shape has the size ${size}`);
    count *= size;
  }
  if (count > 2 ** 32)
    throw new ServingError("invalid", `input "${name}": the shape [${shape.join(", ")}] is too large`);
  return count;
}

/**
 * The elements that raw contents hold.
 * @throws {ServingError} of kind `invalid` where there are not as many bytes as `count` elements have, or texts are not UTF-8.
 */
export function elementsOfBytes(
  name: string,
  datatype: Datatype,
  count: number,
  bytes: Uint8Array,
): TensorElements {
  if (datatype === "BYTES") return textsOfBytes(name, count, bytes);
  const array: NumericArray = elementArrays[datatype];
  const width = array.BYTES_PER_ELEMENT;
  if (bytes.byteLength !== count * width)
    throw new ServingError(
      "invalid",
      `input "${name}": ${bytes.byteLength} bytes of raw contents, but ${count} elements of ${datatype} are ${count * width}`,
    );
  if (bytes.byteOffset % width === 0) return new array(bytes.buffer, bytes.byteOffset, count);
  return new array(new Uint8Array(bytes).buffer);
}

function textsOfBytes(name: string, count: number, bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let at = 0;
  while (at < buffer.length) {
    const start = at + 4;
    if (start > buffer.length || start + buffer.readUInt32LE(at) > buffer.length)
      throw new ServingError("invalid", `input "${name}": the raw contents end within a text`);
    at = start + buffer.readUInt32LE(at);
    texts.push(textOfBytes(name, buffer.subarray(start, at)));
  }
  if (texts.length !== count)
    throw new ServingError("invalid", `input "${name}": ${texts.length} texts, but the shape has ${count}`);
  return texts;
}

/** A text. @throws {ServingError} of kind `invalid` where the bytes are not UTF-8. */
export function textOfBytes(name: string, bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new ServingError("invalid", `input "${name}": a text is not UTF-8`);
  return bytes.toString("utf8");
}

/** The bytes of elements: of numbers without a copy. */
export function bytesOfElements(elements: TensorElements): Uint8Array {
  if (isTexts(elements)) {
    const length = elements.reduce((sum, text) => sum + 4 + Buffer.byteLength(text), 0);
    const bytes = Buffer.allocUnsafe(length);
    let at = 0;
    for (const text of elements) {
      const size = bytes.write(text, at + 4);
      bytes.writeUInt32LE(size, at);
      at += 4 + size;
    }
    return bytes;
  }
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}

/** Whether elements are those of a tensor of type `BYTES`. */
export const isTexts = (elements: TensorElements): elements is readonly string[] => Array.isArray(elements);
