import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { OnnxFileError } from "../../../ml/graph/errors.ts";
import { decodeOnnx, readOnnx } from "../../../ml/graph/onnx/decode.ts";
import { encodeOnnx, writeOnnx } from "../../../ml/graph/onnx/encode.ts";
import type { OnnxTensor } from "../../../ml/graph/onnx/model.ts";
import { assertCloseTo } from "../close-to.ts";
import { assertTensor } from "./assert-elements.ts";
import { externalModel } from "./external-model.ts";
import { bytesOf, onnxReference as reference, onnxWritten as written, sha256 } from "./onnx-reference.ts";

const modelNamed = (name: string): Uint8Array => {
  const found = reference.models.find((model) => model.name === name);
  assert.ok(found, name);
  return bytesOf(found.bytes);
};

describe("ONNX files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-onnx-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const { name, bytes, tensors, inputs, outputs, run } of reference.models) {
    describe(name, () => {
      it("is read as onnx reads it", () => {
        const { graph } = decodeOnnx(bytesOf(bytes));
        const shapes = (values: typeof graph.inputs): unknown =>
          values.map(({ name, shape }) => ({ name, shape }));
        assert.deepEqual(shapes(graph.inputs), inputs);
        assert.deepEqual(shapes(graph.outputs), outputs);
        for (const expected of tensors) {
          assertTensor(
            graph.initializers.find((tensor) => tensor.name === expected.name),
            expected,
          );
        }
      });

      it("comes back the same from a file, and in the form that onnx's checker took", async () => {
        const model = decodeOnnx(bytesOf(bytes));
        const encoded = encodeOnnx(model);
        assert.equal(sha256(encoded), written.models[name]);
        assert.deepEqual(decodeOnnx(encoded), model);
        const path = join(folder, "model.onnx");
        await writeOnnx(path, model);
        assert.deepEqual(new Uint8Array(readFileSync(path)), encoded);
        assert.deepEqual(await readOnnx(path), model);
      });

      if (run) {
        it("runs as before", async () => {
          const shapes = new Map(inputs.map(({ name, shape }) => [name, shape]));
          const feeds = Object.fromEntries(
            Object.entries(run.inputs).map(([name, values]) => [name, feed(values, shapes.get(name) ?? [])]),
          );
          const ours = await runModel(encodeOnnx(decodeOnnx(bytesOf(bytes))), feeds);
          // ONNX Runtime refuses functions with an output that is an input; there is onnx's own evaluator for it.
          if (name !== "a function that passes on") {
            assert.deepEqual(ours, await runModel(bytesOf(bytes), feeds));
          } else assert.ok(Object.keys(run.outputs).length > 0);
          for (const [name, { shape, values }] of Object.entries(run.outputs)) {
            const output = ours[name];
            assert.deepEqual(output?.dims, shape);
            if (output.data instanceof Float32Array)
              assertCloseTo(output.data, values.map(Number), 1e-6, name);
            else assert.deepEqual(output.data, values);
          }
        });
      }
    });
  }

  it("keeps attributes and texts", () => {
    const model = decodeOnnx(modelNamed("attributes"));
    assert.equal(model.irVersion, 9);
    assert.equal(model.producer, "reference");
    assert.equal(model.documentation, "what it is");
    assert.deepEqual(model.opsets, { "": 17 });
    assert.deepEqual(model.metadata, { author: "somebody", empty: "" });
    const [elu, softmax, transpose, constant, some, text, texts, , clip] = model.graph.nodes;
    assert.equal(elu?.name, "elu");
    assert.deepEqual(elu.attributes, { alpha: { float: 0.25 } });
    assert.deepEqual(softmax?.attributes, { axis: { int: -1 } });
    assert.deepEqual(transpose?.attributes, { perm: { ints: [1, 0] } });
    assert.deepEqual(constant?.attributes, {
      value: {
        tensor: { name: "", dtype: "float32", shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      },
    });
    assert.deepEqual(some?.attributes, { value_floats: { floats: [0.5, -1.5] } });
    assert.deepEqual(text?.attributes, { value_string: { text: "Ω" } });
    assert.deepEqual(texts?.attributes, { value_strings: { texts: ["a", ""] } });
    assert.deepEqual(clip?.inputs, ["d", "", "top"]);
  });

  it("inlines functions: no call is left, and no operator set that only calls used", () => {
    const { graph, opsets } = decodeOnnx(modelNamed("functions"));
    assert.deepEqual(opsets, { "": 17 });
    assert.ok(graph.nodes.every(({ domain }) => domain === ""));
    const slopes = graph.nodes.filter(({ operator }) => operator === "LeakyRelu");
    assert.deepEqual(
      slopes.map(({ attributes }) => attributes["alpha"]),
      [{ float: 0.5 }, { float: 0.125 }, { float: 0.5 }, { float: 0.125 }],
    );
  });

  it("takes the open end of an old Slice as the largest exact integer", () => {
    const [slice] = decodeOnnx(modelNamed("an old release")).graph.nodes;
    assert.deepEqual(slice?.attributes["ends"], { ints: [Number.MAX_SAFE_INTEGER] });
  });

  it("leaves out operator sets that no node uses", () => {
    assert.deepEqual(decodeOnnx(modelNamed("traditional operators")).opsets, { "": 17, "ai.onnx.ml": 3 });
  });

  it("shares memory with the bytes where they are aligned, and reads a Buffer at any offset", () => {
    const bytes = encodeOnnx(externalModel());
    const model = decodeOnnx(bytes);
    const shares = Array.from({ length: 8 }, (_, shift) => {
      const shifted = Buffer.alloc(bytes.length + shift);
      shifted.set(bytes, shift);
      const read = decodeOnnx(shifted.subarray(shift));
      assert.deepEqual(read, model);
      const [weights] = read.graph.initializers;
      return weights?.dtype === "float32" && weights.data.buffer === shifted.buffer;
    });
    assert.equal(shares.filter(Boolean).length, 2);
  });

  it("names the file that isn't there, or is none", async () => {
    await assert.rejects(readOnnx(join(folder, "none.onnx")), {
      name: "OnnxFileError",
      message: /none\.onnx: cannot be read/,
    });
    await assert.rejects(readOnnx(folder), OnnxFileError);
  });

  it("refuses to write a model that doesn't hold, and leaves the old one", async () => {
    const path = join(folder, "model.onnx");
    const model = decodeOnnx(modelNamed("loops"));
    await writeOnnx(path, model);
    const before = readFileSync(path);
    const bad = { ...model, graph: { ...model.graph, nodes: model.graph.nodes.toReversed() } };
    await assert.rejects(writeOnnx(path, bad), OnnxFileError);
    const [first, ...rest] = model.graph.initializers;
    const short = {
      ...model,
      graph: { ...model.graph, initializers: [{ ...first, shape: [2] } as OnnxTensor, ...rest] },
    };
    assert.throws(() => encodeOnnx(short), /"count" has 1 elements; its shape needs 2/);
    assert.deepEqual(readFileSync(path), before);
    assert.deepEqual(readdirSync(folder), ["model.onnx"]);
  });
});

function feed(values: readonly number[], shape: readonly (number | string | null)[]): ort.Tensor {
  const known = shape.reduce<number>((product, size) => product * (typeof size === "number" ? size : 1), 1);
  const dims = shape.map((size) => (typeof size === "number" ? size : values.length / known));
  return new ort.Tensor("float32", Float32Array.from(values), dims);
}

async function runModel(
  bytes: Uint8Array,
  feeds: Record<string, ort.Tensor>,
): Promise<Record<string, { dims: readonly number[]; data: ort.Tensor["data"] }>> {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const results = await session.run(
    Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name))),
  );
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { dims, data }]) => [name, { dims, data }]));
}
