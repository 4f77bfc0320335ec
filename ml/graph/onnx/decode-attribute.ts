/** @file A node's attribute (onnx.proto, `AttributeProto`). */
import { OnnxFileError } from "../errors.ts";
import { decodeSparseTensor, decodeTensor } from "./decode-tensor.ts";
import type { TensorSource } from "./decode-tensor.ts";
import type { OnnxTensor } from "./model.ts";
import { PackedNumbers } from "./packed-numbers.ts";
import type { ParsedAttribute, ParsedGraph } from "./parsed-model.ts";
import { safeInteger, textOfBytes } from "./protobuf-reader.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";

/** Reads a `GraphProto`; given by the caller, since graphs hold attributes as attributes hold graphs. */
export type DecodeGraph = (reader: ProtobufReader, source: TensorSource) => ParsedGraph;

/** `AttributeProto.AttributeType`. */
const kinds = new Map<
  number,
  "float" | "int" | "text" | "tensor" | "graph" | "floats" | "ints" | "texts" | "sparse"
>([
  [1, "float"],
  [2, "int"],
  [3, "text"],
  [4, "tensor"],
  [5, "graph"],
  [6, "floats"],
  [7, "ints"],
  [8, "texts"],
  [11, "sparse"],
]);

/**
 * A node's attribute with its name.
 *
 * Integers are exact or refused, but for the ends of an old `Slice`: those beyond ±(2⁵³ − 1) become that number, which
 * is past the end of every axis too.
 */
export function decodeAttribute(
  reader: ProtobufReader,
  source: TensorSource,
  decodeGraph: DecodeGraph,
  operator: string,
): [name: string, attribute: ParsedAttribute] {
  const floats = new PackedNumbers();
  const ints = new PackedNumbers();
  const texts: string[] = [];
  let [name, type, reference] = ["", 0, ""];
  let float: number | undefined;
  let int: bigint | undefined;
  let text: Uint8Array | undefined;
  let tensor: OnnxTensor | undefined;
  let graph: ParsedGraph | undefined;
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) name = reader.text("an attribute's name");
    else if (field === 2) float = reader.float();
    else if (field === 3) int = reader.int64();
    else if (field === 4) text = reader.bytes();
    else if (field === 5) tensor = decodeTensor(reader.message(), source);
    else if (field === 6) graph = decodeGraph(reader.message(), source);
    else if (field === 7) floats.append(reader.numbers("fixed32"));
    else if (field === 8) ints.append(reader.numbers("varint"));
    else if (field === 9) texts.push(reader.text("a text of an attribute"));
    else if (field === 20) type = reader.integer("an attribute's type");
    else if (field === 21) reference = reader.text("an attribute's reference");
    else if (field === 22) tensor = decodeSparseTensor(reader.message(), source);
    else reader.skip();
  }
  const what = `attribute ${JSON.stringify(name)} of ${operator}`;
  if (name === "") throw new OnnxFileError(`an attribute of ${operator} has no name`);
  if (reference !== "") return [name, { reference }];
  const kind = kinds.get(type);
  switch (kind) {
    case "float":
      return [name, { float: float ?? 0 }];
    case "int":
      return [name, { int: integerOf(int ?? 0n, operator, name, what) }];
    case "text":
      return [name, { text: textOfBytes(text ?? new Uint8Array(), what) }];
    case "floats":
      return [name, { floats: floats.floats(what) }];
    case "ints":
      return [
        name,
        {
          ints: Array.from(ints.varints(), (value) =>
            integerOf(BigInt.asIntN(64, value), operator, name, what),
          ),
        },
      ];
    case "texts":
      return [name, { texts }];
    case "tensor":
    case "sparse":
      if (!tensor) throw new OnnxFileError(`${what} is a tensor, but has none`);
      // A constant that was stored sparsely is a constant like others.
      return [operator === "Constant" && name === "sparse_value" ? "value" : name, { tensor }];
    case "graph":
      if (!graph) throw new OnnxFileError(`${what} is a graph, but has none`);
      return [name, { graph }];
    case undefined:
      throw new OnnxFileError(
        type === 0
          ? `${what} has no type`
          : `${what} has the type ${type} (lists of tensors or graphs, or a type as a value), which is not supported`,
      );
  }
}

function integerOf(value: bigint, operator: string, name: string, what: string): number {
  if (operator === "Slice" && (name === "starts" || name === "ends")) {
    const largest = BigInt(Number.MAX_SAFE_INTEGER);
    return Number(value > largest ? largest : value < -largest ? -largest : value);
  }
  return safeInteger(value, what);
}
