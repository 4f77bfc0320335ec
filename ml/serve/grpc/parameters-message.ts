/** @file Parameters of requests and answers: entries of a map of `InferParameter`. */
import { type Parameters, ServingError } from "../inference.ts";
import {
  messageEnd,
  type Reader,
  readFields,
  readText,
  safeInteger,
  tag,
  wireType,
  type Writer,
  WireWriter,
} from "./wire.ts";

/** More than any client sends. */
const mostParameters = 256;

/** Parameters while their entries are read. */
export class ParametersReader {
  #entries: Record<string, string | number | boolean> | undefined;
  #count = 0;

  /** Reads one entry. @throws {ServingError} of kind `invalid` where there are too many. */
  read(reader: Reader): void {
    let key = "";
    let value: string | number | boolean = "";
    readFields(reader, messageEnd(reader), (found) => {
      if (found === tag(1, wireType.bytes)) key = readText(reader);
      else if (found === tag(2, wireType.bytes)) value = readParameter(reader);
      else return false;
      return true;
    });
    if (++this.#count > mostParameters) throw new ServingError("invalid", "there are too many parameters");
    // Without a prototype: a key may be any text.
    this.#entries ??= Object.create(null) as Record<string, string | number | boolean>;
    this.#entries[key] = value;
  }

  get result(): Parameters | undefined {
    return this.#entries;
  }
}

function readParameter(reader: Reader): string | number | boolean {
  let value: string | number | boolean = "";
  readFields(reader, messageEnd(reader), (found) => {
    if (found === tag(1, wireType.varint)) value = reader.bool();
    else if (found === tag(2, wireType.varint)) value = safeInteger("a parameter", reader.int64());
    else if (found === tag(3, wireType.bytes)) value = readText(reader);
    else if (found === tag(4, wireType.fixed64)) value = reader.double();
    else if (found === tag(5, wireType.varint)) value = safeInteger("a parameter", reader.uint64());
    else return false;
    return true;
  });
  return value;
}

/** Writes parameters as the entries of a field. Whole numbers are `int64`, others `double`. */
export function writeParameters(writer: Writer, field: number, parameters: Parameters): void {
  for (const [key, value] of Object.entries(parameters)) {
    const parameter = WireWriter.create();
    if (typeof value === "boolean") parameter.uint32(tag(1, wireType.varint)).bool(value);
    else if (typeof value === "string") parameter.uint32(tag(3, wireType.bytes)).string(value);
    else if (Number.isSafeInteger(value)) parameter.uint32(tag(2, wireType.varint)).int64(value);
    else parameter.uint32(tag(4, wireType.fixed64)).double(value);
    writer
      .uint32(tag(field, wireType.bytes))
      .fork()
      .uint32(tag(1, wireType.bytes))
      .string(key)
      .uint32(tag(2, wireType.bytes))
      .bytes(parameter.finish())
      .ldelim();
  }
}
