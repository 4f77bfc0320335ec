/**
 * @file Tensors to a safetensors file, byte for byte as the reference implementation writes them: by falling size of
 * element, then by name, the header padded with spaces so that the data begins at a multiple of eight.
 */
import { writeFileAtomically } from "../../atomic-file.ts";
import { bytesOfArray } from "../dtype.ts";
import { SafetensorsFileError } from "../errors.ts";
import { longestHeader, metadataKey, safetensorsNames } from "./format.ts";
import type { SafetensorsTensor } from "./format.ts";
import { byteLengthOf } from "./header.ts";

/** Tensors by name. */
export type NamedTensors =
  ReadonlyMap<string, SafetensorsTensor> | Readonly<Record<string, SafetensorsTensor>>;

/**
 * The bytes of a file of these tensors.
 * @param metadata free texts, such as `{ format: "pt" }`
 * @throws {SafetensorsFileError} where a tensor's elements don't fit its shape, or its name is `__metadata__`
 */
export function encodeSafetensors(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const chunks = chunksOf(tensors, metadata);
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let position = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes;
}

/**
 * Writes tensors to a file, whole or not at all. They are not copied and must not change until the promise is fulfilled.
 * @throws {SafetensorsFileError} as {@link encodeSafetensors}; also where the file can't be written
 */
export async function writeSafetensors(
  path: string,
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  try {
    await writeFileAtomically(path, chunksOf(tensors, metadata));
  } catch (cause) {
    const message = cause instanceof SafetensorsFileError ? cause.message : "cannot be written";
    throw new SafetensorsFileError(message, { path, cause });
  }
}

function chunksOf(tensors: NamedTensors, metadata: Readonly<Record<string, string>>): Uint8Array[] {
  const entries = isMap(tensors) ? [...tensors] : Object.entries(tensors);
  const order = Object.keys(safetensorsNames);
  const sorted = entries
    .map(([name, tensor]) => ({ name, tensor, bytes: Buffer.from(name), rank: order.indexOf(tensor.dtype) }))
    .sort((a, b) => a.rank - b.rank || Buffer.compare(a.bytes, b.bytes));
  const members: string[] = [];
  const member = (name: string, value: unknown): void => {
    members.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  };
  if (Object.keys(metadata).length > 0) member(metadataKey, metadata);
  const data: Uint8Array[] = [];
  let end = 0;
  for (const { name, tensor } of sorted) {
    const { dtype, shape } = tensor;
    const what = `tensor ${JSON.stringify(name)}`;
    if (name === metadataKey) throw new SafetensorsFileError(`${what} has the name of the free texts`);
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
      throw new SafetensorsFileError(`${what} has the shape [${shape.join(", ")}]`);
    }
    const bytes = bytesOfArray(tensor.data);
    const length = byteLengthOf(shape, dtype, what);
    if (bytes.length !== length) {
      throw new SafetensorsFileError(`${what} has ${bytes.length} bytes; its shape and type need ${length}`);
    }
    member(name, { dtype: safetensorsNames[dtype], shape, data_offsets: [end, end + length] });
    data.push(bytes);
    end += length;
  }
  return [...headerOf(`{${members.join(",")}}`), ...data];
}

function headerOf(json: string): Uint8Array[] {
  const text = Buffer.from(json);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > longestHeader) throw new SafetensorsFileError(`the header would be ${length} bytes long`);
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(length), true);
  return [prefix, text, new Uint8Array(length - text.length).fill(0x20)];
}

function isMap(tensors: NamedTensors): tensors is ReadonlyMap<string, SafetensorsTensor> {
  return tensors instanceof Map;
}
