/** @file A named value with its type (onnx.proto, `ValueInfoProto`, `TypeProto`, `TensorShapeProto`). */
import type { DType } from "../dtype.ts";
import { knownElementType } from "./decode-tensor.ts";
import type { OnnxValue } from "./model.ts";
import { safeInteger } from "./protobuf-reader.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";

type Dimension = number | string | null;

/** A `ValueInfoProto`. What is no tensor (a sequence, a map) has neither element type nor shape. */
export function decodeValue(reader: ProtobufReader): OnnxValue {
  let name = "";
  let type: ProtobufReader | undefined;
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) name = reader.text("a value's name");
    else if (field === 2) type = reader.message();
    else reader.skip();
  }
  let dtype: DType | undefined;
  let shape: Dimension[] | undefined;
  for (let field = type?.next(); field !== undefined; field = type?.next()) {
    if (field === 1 && type) ({ dtype, shape } = decodeTensorType(type.message(), name));
    else type?.skip();
  }
  return { name, dtype, shape };
}

function decodeTensorType(
  reader: ProtobufReader,
  name: string,
): { dtype: DType | undefined; shape: Dimension[] | undefined } {
  let type = 0;
  let shape: Dimension[] | undefined;
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) type = reader.integer("an element type");
    else if (field === 2) shape = decodeShape(reader.message());
    else reader.skip();
  }
  return { dtype: type === 0 ? undefined : knownElementType(type, `value ${JSON.stringify(name)}`), shape };
}

function decodeShape(reader: ProtobufReader): Dimension[] {
  const shape: Dimension[] = [];
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) shape.push(decodeDimension(reader.message()));
    else reader.skip();
  }
  return shape;
}

function decodeDimension(reader: ProtobufReader): Dimension {
  let size: Dimension = null;
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) {
      const value = safeInteger(reader.int64(), "a size in a shape");
      // Some exporters write -1 for a size that they don't know.
      size = value < 0 ? null : value;
    } else if (field === 2) size = reader.text("a size's name") || null;
    else reader.skip();
  }
  return size;
}
