/** @file A model's parts as protobuf messages (onnx.proto; the numbers are its fields'). */
import { bytesOfArray, onnxElementTypes } from "../dtype.ts";
import { OnnxFileError } from "../errors.ts";
import { elementCount } from "./decode-tensor.ts";
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./model.ts";
import type { ProtobufWriter } from "./protobuf-writer.ts";

/** Where a tensor's bytes stand in a file beside the model. */
export interface ExternalPlace {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** The places of the tensors that do not stand in the model itself. */
export type ExternalPlaces = ReadonlyMap<OnnxTensor, ExternalPlace>;

/** `ModelProto`. */
export function encodeModel(writer: ProtobufWriter, model: OnnxModel, places: ExternalPlaces): void {
  writer.integer(1, model.irVersion);
  writer.textUnlessEmpty(2, model.producer);
  writer.textUnlessEmpty(6, model.documentation);
  writer.message(7, (graph) => encodeGraph(graph, model.graph, places));
  for (const [domain, version] of Object.entries(model.opsets)) {
    writer.message(8, (opset) => {
      opset.text(1, domain);
      opset.integer(2, version);
    });
  }
  for (const [key, value] of Object.entries(model.metadata)) encodeEntry(writer, 14, key, value);
}

function encodeGraph(writer: ProtobufWriter, graph: OnnxGraph, places: ExternalPlaces): void {
  for (const node of graph.nodes) writer.message(1, (message) => encodeNode(message, node, places));
  writer.text(2, graph.name);
  for (const tensor of graph.initializers) {
    writer.message(5, (message) => encodeTensor(message, tensor, places));
  }
  for (const value of graph.inputs) writer.message(11, (message) => encodeValue(message, value));
  for (const value of graph.outputs) writer.message(12, (message) => encodeValue(message, value));
}

function encodeNode(writer: ProtobufWriter, node: OnnxNode, places: ExternalPlaces): void {
  for (const name of node.inputs) writer.text(1, name);
  for (const name of node.outputs) writer.text(2, name);
  writer.textUnlessEmpty(3, node.name);
  writer.text(4, node.operator);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    writer.message(5, (message) => {
      message.text(1, name);
      encodeAttribute(message, name, attribute, places);
    });
  }
  writer.textUnlessEmpty(7, node.domain);
}

function encodeAttribute(
  writer: ProtobufWriter,
  name: string,
  attribute: OnnxAttribute,
  places: ExternalPlaces,
): void {
  const type = (number: number): void => writer.integer(20, number);
  if ("float" in attribute) {
    writer.float(2, attribute.float);
    type(1);
  } else if ("int" in attribute) {
    writer.integer(3, exact(attribute.int, name));
    type(2);
  } else if ("text" in attribute) {
    writer.text(4, attribute.text);
    type(3);
  } else if ("tensor" in attribute) {
    writer.message(5, (message) => encodeTensor(message, attribute.tensor, places));
    type(4);
  } else if ("graph" in attribute) {
    writer.message(6, (message) => encodeGraph(message, attribute.graph, places));
    type(5);
  } else if ("floats" in attribute) {
    writer.floats(7, attribute.floats);
    type(6);
  } else if ("ints" in attribute) {
    writer.integers(
      8,
      attribute.ints.map((value) => exact(value, name)),
    );
    type(7);
  } else {
    for (const text of attribute.texts) writer.text(9, text);
    type(8);
  }
}

function encodeTensor(writer: ProtobufWriter, tensor: OnnxTensor, places: ExternalPlaces): void {
  const what = `tensor ${JSON.stringify(tensor.name)}`;
  const elements = elementCount(tensor.shape, what);
  if (tensor.data.length !== elements) {
    throw new OnnxFileError(`${what} has ${tensor.data.length} elements; its shape needs ${elements}`);
  }
  writer.integers(1, tensor.shape);
  writer.integer(2, onnxElementTypes[tensor.dtype]);
  const place = places.get(tensor);
  if (tensor.dtype === "string") for (const text of tensor.data) writer.text(6, text);
  writer.textUnlessEmpty(8, tensor.name);
  if (place) {
    encodeEntry(writer, 13, "location", place.location);
    encodeEntry(writer, 13, "offset", String(place.offset));
    encodeEntry(writer, 13, "length", String(place.length));
    writer.integer(14, 1);
  } else if (tensor.dtype !== "string") writer.bytes(9, bytesOfArray(tensor.data));
}

function encodeValue(writer: ProtobufWriter, { name, dtype, shape }: OnnxValue): void {
  writer.text(1, name);
  if (dtype === undefined) return;
  writer.message(2, (type) => {
    type.message(1, (tensor) => {
      tensor.integer(1, onnxElementTypes[dtype]);
      if (shape) tensor.message(2, (message) => encodeShape(message, shape));
    });
  });
}

function encodeShape(writer: ProtobufWriter, shape: readonly (number | string | null)[]): void {
  for (const size of shape) {
    writer.message(1, (dimension) => {
      if (typeof size === "number") dimension.integer(1, size);
      else if (size !== null) dimension.text(2, size);
    });
  }
}

function encodeEntry(writer: ProtobufWriter, field: number, key: string, value: string): void {
  writer.message(field, (entry) => {
    entry.text(1, key);
    entry.text(2, value);
  });
}

function exact(value: number, name: string): number {
  if (Number.isSafeInteger(value)) return value;
  throw new OnnxFileError(`the attribute ${JSON.stringify(name)} is ${value}, which is no exact integer`);
}
