/** @file A model as the bytes of an ONNX file. */
import onnxProto from "onnx-proto";
import { onnxElementTypes } from "./dtype.ts";
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxTensor, OnnxValue } from "./onnx/model.ts";

const { onnx } = onnxProto;

/** Writes a model as ONNX. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const message = onnx.ModelProto.create({
    irVersion: model.irVersion,
    producerName: model.producer,
    docString: model.documentation,
    opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({ domain, version })),
    graph: encodeGraph(model.graph),
  });
  return onnx.ModelProto.encode(message).finish();
}

function encodeGraph(graph: OnnxGraph): object {
  return {
    name: graph.name,
    node: graph.nodes.map(({ name, operator, domain, inputs, outputs, attributes }) => ({
      name,
      opType: operator,
      domain,
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, attribute]) => encodeAttribute(name, attribute)),
    })),
    input: graph.inputs.map(encodeValue),
    output: graph.outputs.map(encodeValue),
    initializer: graph.initializers.map(encodeTensor),
  };
}

function encodeValue({ name, dtype, shape }: OnnxValue): object {
  if (!dtype) return { name };
  const dim = shape?.map((size) =>
    typeof size === "number" ? { dimValue: size } : { dimParam: size ?? "" },
  );
  return {
    name,
    type: { tensorType: { elemType: onnxElementTypes[dtype], ...(dim && { shape: { dim } }) } },
  };
}

function encodeTensor({ name, dtype, data, shape }: OnnxTensor): object {
  const dataType = onnxElementTypes[dtype];
  if (dtype === "string") return { name, dataType, dims: [...shape], stringData: data.map(utf8) };
  // ONNX stores raw data in little-endian order, which every platform that Node supports uses.
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dataType, dims: [...shape], rawData };
}

function encodeAttribute(name: string, attribute: OnnxAttribute): object {
  const { FLOAT, FLOATS, GRAPH, INT, INTS, STRING, STRINGS, TENSOR } = onnx.AttributeProto.AttributeType;
  if ("int" in attribute) return { name, type: INT, i: attribute.int };
  if ("float" in attribute) return { name, type: FLOAT, f: attribute.float };
  if ("text" in attribute) return { name, type: STRING, s: utf8(attribute.text) };
  if ("ints" in attribute) return { name, type: INTS, ints: [...attribute.ints] };
  if ("floats" in attribute) return { name, type: FLOATS, floats: [...attribute.floats] };
  if ("texts" in attribute) return { name, type: STRINGS, strings: attribute.texts.map(utf8) };
  if ("graph" in attribute) return { name, type: GRAPH, g: encodeGraph(attribute.graph) };
  return { name, type: TENSOR, t: encodeTensor(attribute.tensor) };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
