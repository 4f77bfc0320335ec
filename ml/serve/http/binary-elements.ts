/** @file Elements of tensors as bytes, little-endian, texts with their length before them: the protocol's binary extension. */
import { InvalidInputError } from "../../errors.ts";
import { elementArrays } from "../element-arrays.ts";
import type { Datatype, TensorElements } from "../inference.ts";

/**
 * Elements out of bytes, copied.
 * @throws {@link InvalidInputError} that names the field, for bytes that are no whole elements, a text that ends beyond them, or
 * one that is no UTF-8
 */
export function elementsOfBytes(datatype: Datatype, bytes: Uint8Array, field: string): TensorElements {
  if (datatype === "BYTES") return textsOfBytes(bytes, field);
  const Elements = elementArrays[datatype];
  if (bytes.length % Elements.BYTES_PER_ELEMENT !== 0)
    throw new InvalidInputError(
      `${field} has ${bytes.length} bytes, which are no whole elements of ${datatype}`,
    );
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return new Elements(copy.buffer);
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function textsOfBytes(bytes: Uint8Array, field: string): readonly string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + 4;
    const end = start <= bytes.length ? start + view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (end > bytes.length)
      throw new InvalidInputError(`${field}: text ${texts.length} ends beyond the tensor's bytes`);
    try {
      texts.push(decoder.decode(bytes.subarray(start, end)));
    } catch (cause) {
      throw new InvalidInputError(`${field}: text ${texts.length} is no UTF-8`, { cause });
    }
    at = end;
  }
  return texts;
}

/** Elements as bytes; numbers on the same memory. */
export function bytesOfElements(data: TensorElements): Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const parts: Buffer[] = [];
  for (const text of data) {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}
