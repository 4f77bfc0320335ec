/** @file ONNX files that are made to do harm, written with the product's own writer of the wire format. */
import { ProtobufWriter } from "../../../ml/graph/onnx/protobuf-writer.ts";

/** A model of a graph that `write` fills. */
export function modelOf(
  write: (graph: ProtobufWriter) => void,
  more?: (model: ProtobufWriter) => void,
): Uint8Array {
  const model = new ProtobufWriter();
  model.integer(1, 8);
  model.message(7, write);
  model.message(8, (opset) => opset.integer(2, 17));
  more?.(model);
  return joined(model.chunks());
}

/** Chunks as one array. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

function tensorOf(
  dims: readonly number[],
  type: number,
  write: (tensor: ProtobufWriter) => void,
): Uint8Array {
  return modelOf((graph) =>
    graph.message(5, (tensor) => {
      tensor.integers(1, dims);
      tensor.integer(2, type);
      tensor.text(8, "w");
      write(tensor);
    }),
  );
}

function node(
  graph: ProtobufWriter,
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
): void {
  graph.message(1, (message) => {
    for (const name of inputs) message.text(1, name);
    for (const name of outputs) message.text(2, name);
    message.text(4, operator);
  });
}

/** An If in an If in an If. */
function nestedGraphs(graph: ProtobufWriter, depth: number): void {
  graph.message(1, (message) => {
    message.text(4, "If");
    message.message(5, (attribute) => {
      attribute.text(1, "then_branch");
      attribute.integer(20, 5);
      attribute.message(6, (inner) => {
        if (depth > 0) nestedGraphs(inner, depth - 1);
      });
    });
  });
}

/** Functions that each call the next several times. */
function multiplyingFunctions(model: ProtobufWriter, count: number, times: number): void {
  model.message(8, (opset) => {
    opset.text(1, "f");
    opset.integer(2, 1);
  });
  for (let index = 0; index < count; index++) {
    model.message(25, (callee) => {
      callee.text(1, `F${index}`);
      callee.text(10, "f");
      callee.message(9, (opset) => opset.integer(2, 17));
      for (let call = 0; call < times; call++) {
        callee.message(7, (node) => {
          node.text(4, index + 1 < count ? `F${index + 1}` : "Relu");
          if (index + 1 < count) node.text(7, "f");
        });
      }
    });
  }
}

function callOf(graph: ProtobufWriter, operator: string): void {
  graph.message(1, (call) => {
    call.text(4, operator);
    call.text(7, "f");
  });
}

const varint = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const ones = (count: number): number[] => Array.from({ length: count }, () => 0xff);

/** Models that are made to take time or memory, or to end the process; no one holds. */
export const hostileModels: Readonly<Record<string, () => Uint8Array>> = {
  "a number of eleven bytes": () => varint(0x08, ...ones(10), 0x01),
  "a number without end": () => varint(0x08, ...ones(9)),
  "a length past the end": () => varint(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00),
  "a length of 2^64 - 1": () => varint(0x3a, ...ones(9), 0x01, 0x00),
  "field number 0": () => varint(0x00, 0x00),
  "a field number beyond 32 bits": () => varint(0xf8, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00),
  "groups in groups": () => new Uint8Array(100_000).fill(0x0b),
  "a graph that is a number": () => varint(0x38, 0x05),
  "a tensor of 2^52 bytes": () => tensorOf([2 ** 52], 2, (tensor) => tensor.bytes(9, new Uint8Array(8))),
  "a tensor of 2^31 varints": () => tensorOf([2 ** 31], 7, (tensor) => tensor.bytes(7, new Uint8Array(8))),
  "a tensor of 2^40 texts": () => tensorOf([2 ** 40], 8, (tensor) => tensor.text(6, "a")),
  "a tensor of sizes that overflow": () => tensorOf([2 ** 31, 2 ** 31, 2 ** 31, 0.5 * 2 ** 31], 1, () => {}),
  "sizes of 2^62 and a zero": () => tensorOf([2 ** 62, 0], 1, () => {}),
  "graphs in graphs": () => modelOf((graph) => nestedGraphs(graph, 500)),
  "functions that multiply": () =>
    modelOf(
      (graph) => callOf(graph, "F0"),
      (model) => multiplyingFunctions(model, 12, 16),
    ),
  "functions that call each other deep": () =>
    modelOf(
      (graph) => callOf(graph, "F0"),
      (model) => multiplyingFunctions(model, 200, 2),
    ),
  "a long cycle": () =>
    modelOf((graph) => {
      for (let index = 0; index < 20_000; index++)
        node(graph, "Relu", [`v${(index + 1) % 20_000}`], [`v${index}`]);
    }),
  "a node that uses itself": () => modelOf((graph) => node(graph, "Relu", ["a"], ["a"])),
  "names of objects": () => modelOf((graph) => node(graph, "Relu", ["__proto__"], ["constructor"])),
};
