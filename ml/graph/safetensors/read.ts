/**
 * @file safetensors files to tensors: from bytes, from a file at once, or from an open file tensor by tensor.
 *
 * A model in several files is opened by its index, `model.safetensors.index.json`, like one file.
 */
import type { Safetensors, SafetensorsTensor } from "./format.ts";
import { headerLength, parseHeader } from "./header.ts";
import { openSafetensorsFile } from "./open-file.ts";
import type { OpenSafetensors } from "./open-file.ts";
import { openShards } from "./shards.ts";
import { tensorOfBytes } from "./tensor-bytes.ts";

/**
 * The tensors in the bytes of a file. They share memory with `bytes` where their alignment allows it.
 * @throws {SafetensorsFileError} where the bytes break the format's rules
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const length = headerLength(bytes.subarray(0, 8), bytes.length);
  const data = bytes.subarray(8 + length);
  const { places, metadata } = parseHeader(bytes.subarray(8, 8 + length), data.length);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, place] of places) {
    const end = place.start + place.byteLength;
    tensors.set(name, tensorOfBytes(name, place, data.subarray(place.start, end)));
  }
  return { tensors, metadata };
}

/**
 * Opens a file, or the files of an index (a name that ends in `.index.json`), to read tensors one by one.
 * @throws {SafetensorsFileError} where a file can't be read or breaks the format's rules
 */
export function openSafetensors(path: string): Promise<OpenSafetensors> {
  return path.endsWith(".index.json") ? openShards(path) : openSafetensorsFile(path);
}

/**
 * Reads all tensors of a file, or of the files of an index.
 * @throws {SafetensorsFileError} as {@link openSafetensors}
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const file = await openSafetensors(path);
  try {
    const tensors = new Map<string, SafetensorsTensor>();
    for (const name of file.tensors.keys()) tensors.set(name, await file.read(name));
    return { tensors, metadata: file.metadata };
  } finally {
    await file.close();
  }
}
