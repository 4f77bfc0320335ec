/** @file A graph, its nodes and values, and a model's functions (onnx.proto, `GraphProto`, `NodeProto`, `FunctionProto`). */
import { OnnxFileError } from "../errors.ts";
import { decodeAttribute } from "./decode-attribute.ts";
import { decodeSparseTensor, decodeTensor } from "./decode-tensor.ts";
import type { TensorSource } from "./decode-tensor.ts";
import { decodeValue } from "./decode-value.ts";
import type { OnnxTensor, OnnxValue } from "./model.ts";
import type { ParsedAttribute, ParsedFunction, ParsedGraph, ParsedNode } from "./parsed-model.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";

/** A `GraphProto`. Types of values between nodes are passed over: they follow from the nodes. */
export function decodeGraph(reader: ProtobufReader, source: TensorSource): ParsedGraph {
  const nodes: ParsedNode[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const initializers: OnnxTensor[] = [];
  let name = "";
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) nodes.push(decodeNode(reader.message(), source));
    else if (field === 2) name = reader.text("a graph's name");
    else if (field === 5) initializers.push(decodeTensor(reader.message(), source));
    else if (field === 11) inputs.push(decodeValue(reader.message()));
    else if (field === 12) outputs.push(decodeValue(reader.message()));
    else if (field === 15) initializers.push(decodeSparseTensor(reader.message(), source));
    else reader.skip();
  }
  return { name, nodes, inputs, outputs, initializers };
}

/** A `FunctionProto`. */
export function decodeFunction(reader: ProtobufReader, source: TensorSource): ParsedFunction {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: ParsedNode[] = [];
  const defaults = new Map<string, ParsedAttribute>();
  const opsets = new Map<string, number>();
  let [name, domain, overload] = ["", "", ""];
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) name = reader.text("a function's name");
    else if (field === 4) inputs.push(reader.text("a function's input"));
    else if (field === 5) outputs.push(reader.text("a function's output"));
    else if (field === 7) nodes.push(decodeNode(reader.message(), source));
    else if (field === 9) decodeOpset(reader.message(), opsets);
    else if (field === 10) domain = normalDomain(reader.text("a function's domain"));
    else if (field === 11)
      defaults.set(...decodeAttribute(reader.message(), source, decodeGraph, "a function"));
    else if (field === 13) overload = reader.text("a function's overload");
    else reader.skip();
  }
  return { name, domain, overload, inputs, outputs, defaults, opsets, nodes };
}

/** An `OperatorSetIdProto`, added to those before it. */
export function decodeOpset(reader: ProtobufReader, opsets: Map<string, number>): void {
  let [domain, version] = ["", 0];
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) domain = normalDomain(reader.text("an operator set's domain"));
    else if (field === 2) version = reader.integer("an operator set's version");
    else reader.skip();
  }
  // Converters of scikit-learn name one twice, with the same version.
  if ((opsets.get(domain) ?? version) !== version)
    throw new OnnxFileError(`the operator set ${showDomain(domain)} is imported in two versions`);
  opsets.set(domain, version);
}

/** A domain's name for people: the standard one has none in files. */
export function showDomain(domain: string): string {
  return domain === "" ? "ai.onnx" : JSON.stringify(domain);
}

function decodeNode(reader: ProtobufReader, source: TensorSource): ParsedNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  // Attributes need the operator's name, which stands behind them in some files.
  const later: ProtobufReader[] = [];
  let [name, operator, domain, overload] = ["", "", "", ""];
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) inputs.push(reader.text("a node's input"));
    else if (field === 2) outputs.push(reader.text("a node's output"));
    else if (field === 3) name = reader.text("a node's name");
    else if (field === 4) operator = reader.text("an operator's name");
    else if (field === 5) later.push(reader.message());
    else if (field === 7) domain = normalDomain(reader.text("an operator's domain"));
    else if (field === 8) overload = reader.text("an operator's overload");
    else reader.skip();
  }
  if (operator === "") throw new OnnxFileError(`node ${JSON.stringify(name)} has no operator`);
  const attributes = new Map<string, ParsedAttribute>();
  for (const message of later) {
    const [key, attribute] = decodeAttribute(message, source, decodeGraph, operator);
    if (attributes.has(key))
      throw new OnnxFileError(`${operator} has the attribute ${JSON.stringify(key)} twice`);
    attributes.set(key, attribute);
  }
  return { name, operator, domain, overload, inputs, outputs, attributes };
}

function normalDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}
