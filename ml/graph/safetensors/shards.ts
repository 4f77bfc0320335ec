/**
 * @file Weights in several files, as the Hugging Face libraries write them: `model.safetensors.index.json` says in
 * `weight_map` which file beside it has which tensor.
 */
import { dirname } from "node:path";
import { confinedFile } from "../confined-path.ts";
import { SafetensorsFileError } from "../errors.ts";
import { openRegularFile, readFileRange } from "../read-file-range.ts";
import { longestHeader } from "./format.ts";
import type { SafetensorsInfo } from "./format.ts";
import { JsonReader } from "./json-reader.ts";
import { openSafetensorsFile, withPath } from "./open-file.ts";
import type { OpenSafetensors } from "./open-file.ts";

// Each is an open file.
const mostShards = 1000;

/**
 * Opens the files that an index names; they must lie in its folder. The metadata is that of the files together.
 * @throws {SafetensorsFileError} where the index or a file is wrong, or a file lacks a tensor
 */
export async function openShards(path: string): Promise<OpenSafetensors> {
  const files = new Map<string, OpenSafetensors>();
  const close = async (): Promise<void> => {
    for (const file of files.values()) await file.close();
  };
  try {
    const weights = parseIndex(await readIndex(path));
    const names = new Set(weights.values());
    if (names.size > mostShards)
      throw new SafetensorsFileError(`the index names more than ${mostShards} files`);
    for (const name of names) {
      const found = confinedFile(dirname(path), name);
      if ("refusal" in found) throw new SafetensorsFileError(found.refusal, { cause: found.cause });
      files.set(name, await openSafetensorsFile(found.path));
    }
    const tensors = new Map<string, SafetensorsInfo>();
    const homes = new Map<string, OpenSafetensors>();
    for (const [name, fileName] of weights) {
      const file = files.get(fileName);
      const info = file?.tensors.get(name);
      if (!file || !info) {
        throw new SafetensorsFileError(`${JSON.stringify(fileName)} has no tensor ${JSON.stringify(name)}`);
      }
      tensors.set(name, info);
      homes.set(name, file);
    }
    const metadata = Object.fromEntries([...files.values()].flatMap((file) => Object.entries(file.metadata)));
    return {
      tensors,
      metadata,
      read: async (name) => {
        const file = homes.get(name);
        if (!file) throw new SafetensorsFileError(`there is no tensor ${JSON.stringify(name)}`, { path });
        return file.read(name);
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (cause) {
    await close();
    throw withPath(path, cause);
  }
}

/** Files by tensors' names. */
function parseIndex(text: string): Map<string, string> {
  const reader = new JsonReader(text);
  const weights = new Map<string, string>();
  reader.object((key) => {
    if (key === "weight_map") reader.object((name) => weights.set(name, reader.text()));
    else reader.skip();
  });
  reader.end();
  if (weights.size === 0) throw new SafetensorsFileError("the index has no weight_map, or an empty one");
  return weights;
}

async function readIndex(path: string): Promise<string> {
  const { file, size } = await openRegularFile(path);
  try {
    if (size > longestHeader)
      throw new SafetensorsFileError(`the index is ${size} bytes long; 100 MB are allowed`);
    const bytes = new Uint8Array(size);
    await readFileRange(file, bytes, 0);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } finally {
    await file.close();
  }
}
