/**
 * @file {@link OnnxModel}s to ONNX files.
 *
 * A model is checked before it is written, by the rules that hold when it is read. Files appear whole or not at all;
 * weights go from the caller's memory to the disk and are not copied.
 */
import { createHash } from "node:crypto";
import { readdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { unfinishedFile, writeFileAtomically } from "../../atomic-file.ts";
import { bytesOfArray } from "../dtype.ts";
import { OnnxFileError } from "../errors.ts";
import { checkModel } from "./check-model.ts";
import { encodeModel } from "./encode-graph.ts";
import type { ExternalPlace, ExternalPlaces } from "./encode-graph.ts";
import type { OnnxGraph, OnnxModel, OnnxTensor } from "./model.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";

/** Protocol Buffers' own limit. */
const largestFile = 2 ** 31 - 1;
/** Room for what isn't a tensor: with more weights than this, they go to a file of their own. */
const mostWeights = 2e9;
/** Tensors from this size on stand in the file beside, each at a multiple of it, so that it can be mapped to memory. */
const externalFrom = 4096;

/** How {@link writeOnnx} writes. */
export interface WriteOnnxOptions {
  /** Puts the weights in a file beside the model also where they are less than 2 GB. */
  readonly externalData?: boolean;
}

/**
 * The bytes of a model as an ONNX file.
 * @throws {OnnxFileError} for a model that doesn't hold, or is larger than 2 GiB: {@link writeOnnx} writes those
 */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const writer = encode(model, new Map());
  const bytes = new Uint8Array(writer.length);
  let position = 0;
  for (const chunk of writer.chunks()) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes;
}

/**
 * Writes a model to a file, whole or not at all. Its tensors must not change until the promise is fulfilled.
 *
 * Weights of more than 2 GB stand in a file beside, `<file>.<hash of them>.data`. The model names it, so one that is
 * written over another stays whole until the new one is; then the former's file of weights is removed.
 * @throws {OnnxFileError} for a model that doesn't hold, or where a file can't be written
 */
export async function writeOnnx(
  path: string,
  model: OnnxModel,
  options: WriteOnnxOptions = {},
): Promise<void> {
  try {
    const tensors = largeTensors(model.graph);
    const weights = tensors.reduce((sum, { bytes }) => sum + bytes.length, 0);
    let location: string | undefined;
    let places: ExternalPlaces = new Map();
    if ((options.externalData === true || weights > mostWeights) && tensors.length > 0) {
      // A model that doesn't hold is refused before gigabytes are written for it.
      encode(model, placesOf(tensors, ""));
      location = await writeTensors(path, tensors);
      places = placesOf(tensors, location);
    }
    await writeFileAtomically(path, encode(model, places).chunks());
    await removeFormerData(path, location);
  } catch (cause) {
    const message = cause instanceof OnnxFileError ? cause.message : "cannot be written";
    throw new OnnxFileError(message, { path, cause });
  }
}

interface LargeTensor {
  readonly tensor: OnnxTensor;
  readonly bytes: Uint8Array;
}

function encode(model: OnnxModel, places: ExternalPlaces): ProtobufWriter {
  checkModel(model);
  const writer = new ProtobufWriter();
  encodeModel(writer, model, places);
  if (writer.length > largestFile) {
    throw new OnnxFileError(
      "the model is larger than 2 GiB: only writeOnnx can write it, with its weights beside it",
    );
  }
  return writer;
}

function largeTensors(graph: OnnxGraph): LargeTensor[] {
  // Each once: graphs may share a tensor.
  const found = new Map<OnnxTensor, Uint8Array>();
  const add = (tensor: OnnxTensor): void => {
    if (tensor.dtype !== "string" && tensor.data.byteLength >= externalFrom) {
      found.set(tensor, bytesOfArray(tensor.data));
    }
  };
  const visit = ({ initializers, nodes }: OnnxGraph): void => {
    for (const tensor of initializers) add(tensor);
    for (const { attributes } of nodes) {
      for (const attribute of Object.values(attributes)) {
        if ("graph" in attribute) visit(attribute.graph);
        else if ("tensor" in attribute) add(attribute.tensor);
      }
    }
  };
  visit(graph);
  return Array.from(found, ([tensor, bytes]) => ({ tensor, bytes }));
}

function placesOf(tensors: readonly LargeTensor[], location: string): Map<OnnxTensor, ExternalPlace> {
  const places = new Map<OnnxTensor, ExternalPlace>();
  let end = 0;
  for (const { tensor, bytes } of tensors) {
    const offset = Math.ceil(end / externalFrom) * externalFrom;
    places.set(tensor, { location, offset, length: bytes.length });
    end = offset + bytes.length;
  }
  return places;
}

/** Writes the file beside; returns its name. */
async function writeTensors(path: string, tensors: readonly LargeTensor[]): Promise<string> {
  const hash = createHash("sha256");
  const file = await unfinishedFile(path);
  try {
    const places = placesOf(tensors, "");
    for (const { tensor, bytes } of tensors) {
      await file.padTo(places.get(tensor)?.offset ?? file.length);
      hash.update(`${file.length} `).update(bytes);
      await file.write(bytes);
    }
    const location = `${basename(path)}.${hash.digest("hex").slice(0, 16)}.data`;
    await file.commit(join(dirname(path), location));
    return location;
  } finally {
    await file.discard();
  }
}

/** Removes the files of weights that models at this path had before. */
async function removeFormerData(path: string, current: string | undefined): Promise<void> {
  const folder = dirname(path);
  const opening = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    const isData = name.startsWith(opening) && /^[0-9a-f]{16}\.data$/.test(name.slice(opening.length));
    if (isData && name !== current) await unlink(join(folder, name));
  }
}
