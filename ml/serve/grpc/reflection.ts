/** @file Server reflection, versions 1 and 1alpha, which have the same messages: tools learn from it what they may call. */
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { type ProtoFile, protoFiles } from "./descriptors.ts";
import { finish } from "./infer-response.ts";
import { messageEnd, readFields, readText, readMessage, tag, wireType, WireWriter } from "./wire.ts";

/** The fields of a request that stand for the question, and of an answer. */
const field = {
  fileByFilename: 3,
  fileContainingSymbol: 4,
  fileContainingExtension: 5,
  allExtensionNumbersOfType: 6,
  listServices: 7,
} as const;

/** The codes of gRPC that answers have. */
const statusCode = { invalidArgument: 3, notFound: 5 } as const;

interface Question {
  readonly host: string;
  /** 0 where nothing was asked. */
  readonly field: number;
  readonly text: string;
}

const readQuestion = (bytes: Buffer): Question =>
  readMessage("ServerReflectionRequest", bytes, (reader, end) => {
    const question = { host: "", field: 0, text: "" };
    readFields(reader, end, (found) => {
      const number = found >>> 3;
      if ((found & 7) !== wireType.bytes) return false;
      if (number === 1) question.host = readText(reader);
      else if (number === field.fileContainingExtension) {
        question.field = number;
        readFields(reader, messageEnd(reader), () => false);
      } else if (number >= field.fileByFilename && number <= field.listServices) {
        question.field = number;
        question.text = readText(reader);
      } else return false;
      return true;
    });
    return question;
  });

/** The bytes of the answer to a `ServerReflectionRequest`. @throws {ServingError} of kind `invalid`. */
export function answerReflection(request: Buffer): Buffer {
  const question = readQuestion(request);
  const writer = WireWriter.create();
  writer.uint32(tag(1, wireType.bytes)).string(question.host);
  writer.uint32(tag(2, wireType.bytes)).bytes(request);
  switch (question.field) {
    case field.fileByFilename:
      return answerFile(protoFiles.find(({ name }) => name === question.text));
    case field.fileContainingSymbol:
      return answerFile(protoFiles.find(({ symbols }) => symbols.includes(question.text)));
    case field.listServices:
      writer.uint32(tag(6, wireType.bytes)).fork();
      for (const { service } of protoFiles)
        writer.uint32(tag(1, wireType.bytes)).fork().uint32(tag(1, wireType.bytes)).string(service).ldelim();
      return finish(writer.ldelim());
    case field.allExtensionNumbersOfType:
      // No type here has extensions.
      if (!protoFiles.some(({ symbols }) => symbols.includes(question.text)))
        return answerError(statusCode.notFound, `there is no ${question.text}`);
      writer.uint32(tag(5, wireType.bytes)).fork().uint32(tag(1, wireType.bytes)).string(question.text);
      return finish(writer.ldelim());
    case field.fileContainingExtension:
      return answerError(statusCode.notFound, "there is no such extension");
    default:
      return answerError(statusCode.invalidArgument, "nothing was asked");
  }

  function answerFile(file: ProtoFile | undefined): Buffer {
    if (file === undefined) return answerError(statusCode.notFound, `there is no ${question.text}`);
    writer.uint32(tag(4, wireType.bytes)).fork();
    writer.uint32(tag(1, wireType.bytes)).bytes(Buffer.from(file.descriptor, "base64"));
    return finish(writer.ldelim());
  }

  function answerError(code: number, message: string): Buffer {
    writer.uint32(tag(7, wireType.bytes)).fork();
    writer.uint32(tag(1, wireType.varint)).int32(code).uint32(tag(2, wireType.bytes)).string(message);
    return finish(writer.ldelim());
  }
}

/** Answers the questions of a stream, each when it comes. */
export function serveReflection(call: ServerDuplexStream<Buffer, Buffer>): void {
  call.on("data", (request: Buffer) => {
    try {
      if (call.write(answerReflection(request))) return;
      // Who doesn't read the answers is asked for no more questions.
      call.pause();
      call.once("drain", () => call.resume());
    } catch (error) {
      call.emit("error", {
        code: statusCode.invalidArgument,
        details: error instanceof Error ? error.message : "",
      });
    }
  });
  call.on("end", () => call.end());
}
