/** @file `ModelInferResponse` and `ModelStreamInferResponse`: answers as bytes. */
import type { InferenceResponse } from "../inference.ts";
import { writeParameters } from "./parameters-message.ts";
import { bytesOfElements } from "../element-bytes.ts";
import { writeTypedContents } from "./typed-contents.ts";
import { tag, wireType, type Writer, WireWriter } from "./wire.ts";

/** The message of an answer; with raw contents where `raw`, or where an output has no other form. */
export const writeInferResponse = (response: InferenceResponse, raw: boolean): Buffer =>
  finish(writeFields(WireWriter.create(), response, raw));

/** The message of an answer in a stream. */
export const writeStreamResponse = (response: InferenceResponse, raw: boolean): Buffer =>
  finish(writeFields(WireWriter.create().uint32(tag(2, wireType.bytes)).fork(), response, raw).ldelim());

/** The message that a request of a stream got no answer, with the request's id where it had one. */
export function writeStreamError(message: string, id: string | undefined): Buffer {
  const writer = WireWriter.create().uint32(tag(1, wireType.bytes)).string(message);
  if (id !== undefined)
    writer.uint32(tag(2, wireType.bytes)).fork().uint32(tag(3, wireType.bytes)).string(id).ldelim();
  return finish(writer);
}

/** The bytes that were written, as gRPC's library asks for them. */
export function finish(writer: Writer): Buffer {
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeFields(writer: Writer, response: InferenceResponse, raw: boolean): Writer {
  const { model, version, id, parameters, outputs } = response;
  const isRaw = raw || outputs.some(({ datatype }) => datatype === "FP16");
  writer.uint32(tag(1, wireType.bytes)).string(model).uint32(tag(2, wireType.bytes)).string(version);
  if (id !== undefined) writer.uint32(tag(3, wireType.bytes)).string(id);
  if (parameters !== undefined) writeParameters(writer, 4, parameters);
  for (const { name, datatype, shape, data } of outputs) {
    writer
      .uint32(tag(5, wireType.bytes))
      .fork()
      .uint32(tag(1, wireType.bytes))
      .string(name)
      .uint32(tag(2, wireType.bytes))
      .string(datatype)
      .uint32(tag(3, wireType.bytes))
      .fork();
    for (const size of shape) writer.int64(size);
    writer.ldelim();
    if (!isRaw && datatype !== "FP16")
      writer.uint32(tag(5, wireType.bytes)).bytes(writeTypedContents(datatype, data).finish());
    writer.ldelim();
  }
  if (isRaw)
    for (const { data } of outputs) writer.uint32(tag(6, wireType.bytes)).bytes(bytesOfElements(data));
  return writer;
}
