/** @file The backend node tests of the onnx package, from the file that `test/reference/onnx-node-tests.py` packs. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import * as v from "valibot";
import { fromData } from "../../../ml/graph/create.ts";
import { arrayOfBytes } from "../../../ml/graph/dtype.ts";
import type { Tensor } from "../../../ml/graph/tensor.ts";

const place = v.tuple([v.number(), v.number()]);
const dtype = v.picklist([
  "float32",
  "float64",
  "float16",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "bool",
]);
const packed = v.object({ dtype, shape: v.array(v.number()), at: place });
const header = v.object({
  onnx: v.string(),
  cases: v.array(
    v.object({
      name: v.string(),
      model: place,
      sets: v.array(v.object({ inputs: v.array(packed), outputs: v.array(packed) })),
    }),
  ),
});

/** One test: a model, and inputs with the outputs that it must give for them. */
export interface NodeCase {
  readonly name: string;
  readonly model: Uint8Array;
  readonly sets: readonly { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] }[];
}

/** The tests of a packed file, in the order of their names. */
export function readNodeCases(path: string | URL): NodeCase[] {
  const bytes = gunzipSync(readFileSync(path));
  const length = bytes.readUInt32LE();
  const { cases } = v.parse(header, JSON.parse(bytes.toString("utf8", 4, 4 + length)));
  const part = ([start, count]: readonly [number, number]): Uint8Array =>
    new Uint8Array(bytes.subarray(4 + length + start, 4 + length + start + count));
  const tensorOf = (each: v.InferOutput<typeof packed>): Tensor =>
    fromData(each.dtype, arrayOfBytes(each.dtype, part(each.at)), each.shape);
  return cases.map(({ name, model, sets }) => ({
    name,
    model: part(model),
    sets: sets.map(({ inputs, outputs }) => ({
      inputs: inputs.map(tensorOf),
      outputs: outputs.map(tensorOf),
    })),
  }));
}
