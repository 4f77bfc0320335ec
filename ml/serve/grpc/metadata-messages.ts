/** @file The small messages of `GRPCInferenceService`: health and metadata of the server and of models. */
import type { ModelMetadata, TensorMetadata } from "../inference.ts";
import { finish } from "./infer-response.ts";
import { readFields, readText, readMessage, tag, wireType, type Writer, WireWriter } from "./wire.ts";

/** A model and, where it is named, its version. */
export interface NamedModel {
  readonly name: string;
  readonly version: string | undefined;
}

/** The model of a `ModelReadyRequest` or `ModelMetadataRequest`. @throws {ServingError} of kind `invalid`. */
export const readNamedModel = (bytes: Buffer): NamedModel =>
  readMessage("request for a model", bytes, (reader, end) => {
    let name = "";
    let version = "";
    readFields(reader, end, (found) => {
      if (found === tag(1, wireType.bytes)) name = readText(reader);
      else if (found === tag(2, wireType.bytes)) version = readText(reader);
      else return false;
      return true;
    });
    return { name, version: version === "" ? undefined : version };
  });

/** `ServerLiveResponse`, `ServerReadyResponse` and `ModelReadyResponse`, which look the same. */
export const writeTruth = (truth: boolean): Buffer =>
  finish(WireWriter.create().uint32(tag(1, wireType.varint)).bool(truth));

/** What a server says of itself. */
export interface ServerIdentity {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

/** `ServerMetadataResponse`. */
export function writeServerMetadata({ name, version, extensions }: ServerIdentity): Buffer {
  const writer = WireWriter.create();
  writeText(writer, 1, name);
  writeText(writer, 2, version);
  for (const extension of extensions) writeText(writer, 3, extension);
  return finish(writer);
}

/** `ModelMetadataResponse`. */
export function writeModelMetadata(metadata: ModelMetadata): Buffer {
  const writer = WireWriter.create();
  writeText(writer, 1, metadata.name);
  for (const version of metadata.versions) writeText(writer, 2, version);
  writeText(writer, 3, metadata.platform);
  for (const tensor of metadata.inputs) writeTensorMetadata(writer, 4, tensor);
  for (const tensor of metadata.outputs) writeTensorMetadata(writer, 5, tensor);
  return finish(writer);
}

function writeTensorMetadata(writer: Writer, field: number, { name, datatype, shape }: TensorMetadata): void {
  writer.uint32(tag(field, wireType.bytes)).fork();
  writeText(writer, 1, name);
  writeText(writer, 2, datatype);
  writer.uint32(tag(3, wireType.bytes)).fork();
  for (const size of shape) writer.int64(size);
  writer.ldelim().ldelim();
}

const writeText = (writer: Writer, field: number, text: string): Writer =>
  writer.uint32(tag(field, wireType.bytes)).string(text);
