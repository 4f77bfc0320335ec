/**
 * @file Damaged and hostile model files: each is a named error or a valid result, soon and within bounded memory.
 *
 * The damage is the same at each run.
 */
import assert from "node:assert/strict";
import * as v from "valibot";
import { OnnxFileError, SafetensorsFileError } from "../../../ml/graph/errors.ts";
import { checkModel } from "../../../ml/graph/onnx/check-model.ts";
import { decodeOnnx } from "../../../ml/graph/onnx/decode.ts";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import { ProtobufWriter } from "../../../ml/graph/onnx/protobuf-writer.ts";
import { decodeSafetensors } from "../../../ml/graph/safetensors/read.ts";
import { encodeSafetensors } from "../../../ml/graph/safetensors/write.ts";
import { Random } from "../../../ml/random.ts";
import { readReference } from "../reference.ts";
import { hostileModels, joined, modelOf } from "./hostile-models.ts";

const onnxReference = readReference(
  "onnx-files",
  v.object({ models: v.array(v.object({ bytes: v.string() })) }),
);
const safetensorsReference = readReference(
  "safetensors-files",
  v.object({ files: v.array(v.object({ bytes: v.string() })) }),
);
const models = onnxReference.models.map(({ bytes }) => new Uint8Array(Buffer.from(bytes, "base64")));
const weights = safetensorsReference.files.map(({ bytes }) => new Uint8Array(Buffer.from(bytes, "base64")));

/** Decodes; counts what was accepted. A model that is accepted must also be writable and come back the same. */
function decodesOnnx(bytes: Uint8Array): boolean {
  try {
    const model = decodeOnnx(bytes);
    checkModel(model);
    assert.deepEqual(decodeOnnx(encodeOnnx(model)), model);
    return true;
  } catch (error) {
    if (error instanceof OnnxFileError) return false;
    throw error;
  }
}

function decodesSafetensors(bytes: Uint8Array): boolean {
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    assert.deepEqual(decodeSafetensors(encodeSafetensors(tensors, metadata)).tensors.size, tensors.size);
    return true;
  } catch (error) {
    if (error instanceof SafetensorsFileError) return false;
    throw error;
  }
}

/** Bits flipped, bytes replaced, ranges removed, repeated or filled: one to four of these. */
function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  let result = new Uint8Array(bytes);
  const below = (limit: number): number => Math.floor(random.uniform() * limit);
  for (let count = 1 + below(4); count > 0 && result.length > 0; count--) {
    const start = below(result.length);
    const end = start + below(Math.min(64, result.length - start)) + 1;
    const kind = below(5);
    if (kind === 0) result[start] = (result[start] ?? 0) ^ (1 << below(8));
    else if (kind === 1) result[start] = below(256);
    else if (kind === 2) result = Uint8Array.from([...result.subarray(0, start), ...result.subarray(end)]);
    else if (kind === 3) result = Uint8Array.from([...result.subarray(0, end), ...result.subarray(start)]);
    else result.fill(below(2) === 0 ? 0xff : 0, start, end);
  }
  return result;
}

describe("hostile model files", () => {
  it("ONNX, cut off anywhere", () => {
    let refused = 0;
    for (const bytes of models) {
      for (let length = 0; length < bytes.length; length++) {
        if (!decodesOnnx(bytes.slice(0, length))) refused++;
      }
      assert.ok(decodesOnnx(bytes));
    }
    assert.ok(refused > 1000, `${refused} refused`);
  });

  it("ONNX, damaged at random", () => {
    const random = new Random(7);
    let accepted = 0;
    const rounds = 400;
    for (let round = 0; round < rounds; round++) {
      for (const bytes of models) if (decodesOnnx(damaged(bytes, random))) accepted++;
    }
    // Both happen: harmless damage (in a name, in a weight) and other.
    assert.ok(accepted > 0 && accepted < rounds * models.length, `${accepted} accepted`);
  });

  for (const [name, bytes] of Object.entries(hostileModels)) {
    it(`ONNX: ${name}`, () => {
      const started = performance.now();
      const { arrayBuffers } = process.memoryUsage();
      const file = bytes();
      assert.throws(() => decodeOnnx(file), OnnxFileError);
      assert.ok(performance.now() - started < 10_000, "takes too long");
      assert.ok(
        process.memoryUsage().arrayBuffers - arrayBuffers < 100e6 + 10 * file.length,
        "takes too much",
      );
    });
  }

  it("ONNX: harmless names that objects have", () => {
    const file = modelOf(
      (graph) => {
        graph.message(1, (message) => {
          message.text(2, "__proto__");
          message.text(4, "Constant");
          message.message(5, (attribute) => {
            attribute.text(1, "__proto__");
            attribute.integer(3, 5);
            attribute.integer(20, 2);
          });
        });
      },
      (model) =>
        model.message(14, (entry) => {
          entry.text(1, "__proto__");
          entry.text(2, "text");
        }),
    );
    const { graph, metadata } = decodeOnnx(file);
    assert.deepEqual(Object.entries(metadata), [["__proto__", "text"]]);
    assert.deepEqual(Object.entries(graph.nodes[0]?.attributes ?? {}), [["__proto__", { int: 5 }]]);
  });

  it("ONNX: more parts than any model has", () => {
    // Two bytes each, a hundred times that as objects.
    const graph = new Uint8Array(2 * 2_100_000).map((_, index) => (index % 2 === 0 ? 0x5a : 0x00));
    const model = new ProtobufWriter();
    model.integer(1, 8);
    model.bytes(7, graph);
    assert.throws(() => decodeOnnx(joined(model.chunks())), /more than 2000000 parts/);
  });

  it("safetensors, cut off anywhere", () => {
    for (const bytes of weights) {
      for (let length = 0; length < bytes.length; length++) {
        assert.equal(decodesSafetensors(bytes.slice(0, length)), false, `${length} bytes`);
      }
    }
  });

  it("safetensors, damaged at random", () => {
    const random = new Random(11);
    let accepted = 0;
    const rounds = 1500;
    for (let round = 0; round < rounds; round++) {
      for (const bytes of weights) if (decodesSafetensors(damaged(bytes, random))) accepted++;
    }
    assert.ok(accepted > 0 && accepted < rounds * weights.length, `${accepted} accepted`);
  });

  const header = (text: string): Uint8Array => {
    const bytes = Buffer.from(text);
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(bytes.length));
    return new Uint8Array(Buffer.concat([prefix, bytes]));
  };
  const bombs: Readonly<Record<string, () => string>> = {
    "ten million brackets": () => `{"a":${"[".repeat(10_000_000)}`,
    "ten million empty lists": () => `{"a":{"more":[${"[],".repeat(10_000_000)}[]]}}`,
    "ten million members of what nobody wants": () => `{"a":[${"0,".repeat(10_000_000)}0]}`,
    "a text of ten million quotes": () => `{"${String.raw`\"`.repeat(10_000_000)}`,
    "a shape of a million sizes": () =>
      `{"a":{"dtype":"U8","shape":[${"2,".repeat(1_000_000)}2],"data_offsets":[0,0]}}`,
    "a tensor of 2^53 - 1 bytes": () =>
      `{"a":{"dtype":"U8","shape":[9007199254740991],"data_offsets":[0,9007199254740991]}}`,
    "digits by the million": () =>
      `{"a":{"dtype":"U8","shape":[${"9".repeat(1_000_000)}],"data_offsets":[0,0]}}`,
    "half a surrogate and a NUL": () =>
      String.raw`{"\ud800\u0000":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`,
  };
  for (const [name, text] of Object.entries(bombs)) {
    it(`safetensors: ${name}`, () => {
      const file = header(text());
      const started = performance.now();
      const { heapUsed } = process.memoryUsage();
      assert.throws(() => decodeSafetensors(file), SafetensorsFileError);
      assert.ok(performance.now() - started < 10_000, "takes too long");
      assert.ok(process.memoryUsage().heapUsed - heapUsed < 300e6, "takes too much");
    });
  }

  it("safetensors: names that objects have", () => {
    const bytes = header(
      '{"__metadata__":{"__proto__":"x"},"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
    );
    const { tensors, metadata } = decodeSafetensors(bytes);
    assert.deepEqual([...tensors.keys()], ["__proto__"]);
    assert.deepEqual(Object.entries(metadata), [["__proto__", "x"]]);
  });
});
