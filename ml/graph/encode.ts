/** @file A graph as the bytes of an ONNX model. */
import onnxProto from "onnx-proto";
import type { Attribute, Constant, Graph } from "./graph.ts";
import type { ElementType, Value } from "./value.ts";

const { onnx } = onnxProto;

/** The standard operator set that graphs are written in. */
export const opsetVersion = 17;
const mlOpsetVersion = 3;
const irVersion = 8;

/** The domain of ONNX's traditional machine-learning operators. */
export const mlDomain = "ai.onnx.ml";

const elementTypes = { float32: 1, int64: 7, string: 8 } as const satisfies Record<ElementType, number>;

/** Writes a graph as an ONNX model of opset 17. */
export function encodeModel(graph: Graph, documentation = ""): Uint8Array {
  const model = onnx.ModelProto.create({
    irVersion,
    producerName: "tenon",
    docString: documentation,
    opsetImport: [
      { domain: "", version: opsetVersion },
      { domain: mlDomain, version: mlOpsetVersion },
    ],
    graph: {
      name: "graph",
      node: graph.nodes.map(({ operation, domain, inputs, outputs, attributes }) => ({
        opType: operation,
        domain,
        input: [...inputs],
        output: [...outputs],
        attribute: Object.entries(attributes).map(([name, attribute]) => encodeAttribute(name, attribute)),
      })),
      input: graph.inputs.map(encodeValue),
      output: graph.outputs.map(encodeValue),
      initializer: graph.constants.map(encodeTensor),
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

function encodeValue({ name, type, shape }: Value): object {
  const dim = shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}

function encodeTensor({ name, data, shape }: Constant): object {
  const dataType = data instanceof Float32Array ? elementTypes.float32 : elementTypes.int64;
  // ONNX stores raw data in little-endian order, which every platform that Node supports uses.
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dataType, dims: [...shape], rawData };
}

function encodeAttribute(name: string, attribute: Attribute): object {
  const { FLOAT, INT, INTS, STRING, STRINGS, TENSOR } = onnx.AttributeProto.AttributeType;
  if ("int" in attribute) return { name, type: INT, i: attribute.int };
  if ("float" in attribute) return { name, type: FLOAT, f: attribute.float };
  if ("text" in attribute) return { name, type: STRING, s: utf8(attribute.text) };
  if ("ints" in attribute) return { name, type: INTS, ints: [...attribute.ints] };
  if ("texts" in attribute) return { name, type: STRINGS, strings: attribute.texts.map(utf8) };
  return { name, type: TENSOR, t: encodeTensor(attribute.tensor) };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
