import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import * as v from "valibot";
import { OnnxFileError } from "../../../ml/graph/errors.ts";
import { decodeOnnx, readOnnx } from "../../../ml/graph/onnx/decode.ts";
import { encodeOnnx, writeOnnx } from "../../../ml/graph/onnx/encode.ts";
import type { OnnxModel, OnnxTensor } from "../../../ml/graph/onnx/model.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";
import { assertTensor } from "./assert-elements.ts";
import { externalModel } from "./external-model.ts";

const tensorSchema = v.object({
  name: v.string(),
  dtype: v.string(),
  shape: v.array(v.number()),
  values: v.array(v.string()),
});
const valueSchema = v.object({
  name: v.string(),
  shape: v.array(v.nullable(v.union([v.number(), v.string()]))),
});
const runSchema = v.object({
  inputs: v.record(v.string(), v.array(v.number())),
  outputs: v.record(v.string(), v.object({ shape: v.array(v.number()), values: v.array(v.string()) })),
});
const reference = readReference(
  "onnx-files",
  v.object({
    models: v.array(
      v.object({
        name: v.string(),
        bytes: v.string(),
        tensors: v.array(tensorSchema),
        inputs: v.array(valueSchema),
        outputs: v.array(valueSchema),
        run: v.nullable(runSchema),
      }),
    ),
    external: v.object({
      bytes: v.string(),
      location: v.string(),
      weights: v.string(),
      tensors: v.array(tensorSchema),
    }),
    damaged: v.array(v.object({ name: v.string(), bytes: v.string(), checker: v.string() })),
  }),
);
const written = readReference("onnx-written", v.object({ models: v.record(v.string(), v.string()) }));
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const modelNamed = (name: string): Uint8Array => {
  const found = reference.models.find((model) => model.name === name);
  assert.ok(found, name);
  return bytesOf(found.bytes);
};

/** What each damaged model is refused for. */
const refusals: Readonly<Record<string, RegExp>> = {
  "nodes out of order": /Relu uses the value "a", before Relu makes it/,
  "a cycle": /uses the value "b", before Relu makes it: the nodes are in no order .*cycle/,
  "a value from nowhere": /Add uses the value "nothing", but nothing makes it/,
  "a value made twice": /Relu makes the value "y", which is there already/,
  "an input made again": /"x", which is there already/,
  "an output from nowhere": /output "y" is made by no node/,
  "two inputs of one name": /input "x" is there twice/,
  "two initialisers of one name": /initialiser "w" is there twice/,
  "an initialiser without a name": /initialiser "" is .*nameless/,
  "an inner value made again": /"a", which is there already/,
  "an inner value used outside": /uses the value "other", but nothing makes it/,
  "an inner value used before it exists": /uses the value "late"/,
  "an inner graph without its output": /output "x" is made by no node of its graph/,
  "no operator": /no operator/,
  "an attribute twice": /the attribute "alpha" twice/,
  "an attribute that stands for another outside a function": /stands for "slope" outside any function/,
  "a function that calls itself": /local\.F calls itself/,
  "a function twice": /local\.F is there twice/,
  "a function of another version": /version 13 of ai\.onnx, the model in 17/,
  "a function without its output": /"y" of function local\.F is used before it exists/,
  "a function with a value from nowhere": /"z" of function local\.F is used before it exists/,
  "a function that is not there": /needs the operator set "local" 1, which is not known/,
  "the standard operators too old":
    /needs version 6 of the operator set ai\.onnx; versions 7 to 21 are known/,
  "the standard operators too new": /needs version 22 of the operator set ai\.onnx/,
  "an operator set that is not known": /needs the operator set "com\.example" 3/,
  "an operator set that is not imported": /uses "ai\.onnx\.ml" without saying which version/,
  "a format too new": /version 99 of ONNX's format; 3 to 13/,
  "no format": /no ONNX model/,
  "no graph": /no ONNX model/,
  "no element type": /tensor "w" has no element type/,
  "complex numbers": /tensor "w" has elements of ONNX type 14/,
  "a tensor too short": /too few or too many elements in float_data; its shape needs 2/,
  "a tensor too long": /too few or too many elements in float_data/,
  "a tensor without elements": /has 0 bytes; its shape and type \(float32\) need 8/,
  "elements in two places": /in more than one place/,
  "raw bytes too few": /has 7 bytes; .* need 8/,
  "elements in another type's field": /in int64_data; those of float32 stand in float_data/,
  "a negative size": /a size of -2/,
  "a huge size": /too large/,
  segments: /segments/,
  "external data in mere bytes": /a file of its own/,
  "an int8 of 200": /the element 200, which is no int8/,
  "a bool of 2": /no booleans/,
  "sparse indices out of order": /out of order/,
  "sparse indices out of range": /outside its shape/,
  "sparse indices too few": /no indices that fit its 2 values/,
  "a sparse tensor too large": /1099511627776 elements written out in full/,
  "an attribute beyond 2^53": /attribute "axis" of Softmax is 1152921504606846976, beyond 2\^53/,
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

  for (const { name, bytes } of reference.damaged) {
    it(`refuses ${name}`, async () => {
      const refusal = refusals[name];
      assert.ok(refusal, `no refusal is expected of ${name}`);
      assert.throws(
        () => decodeOnnx(bytesOf(bytes)),
        (error: unknown) => {
          assert.ok(error instanceof OnnxFileError);
          assert.match(error.message, refusal);
          return true;
        },
      );
      const path = join(folder, "damaged.onnx");
      writeFileSync(path, bytesOf(bytes));
      await assert.rejects(readOnnx(path), (error: unknown) => {
        assert.ok(error instanceof OnnxFileError);
        assert.equal(error.path, path);
        return true;
      });
    });
  }

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

  describe("with external data", () => {
    const { bytes, location, weights, tensors } = reference.external;
    let model: string;
    beforeEach(() => {
      mkdirSync(join(folder, "model"));
      model = join(folder, "model", "model.onnx");
      writeFileSync(model, bytesOf(bytes));
    });
    const placeWeights = (name = location): void =>
      writeFileSync(join(folder, "model", name), bytesOf(weights));
    /** The same model with another text in place of the file's name, of the same length. */
    const renamed = (name: string): void => {
      assert.equal(name.length, location.length);
      writeFileSync(
        model,
        Buffer.from(Buffer.from(bytesOf(bytes)).toString("latin1").replaceAll(location, name), "latin1"),
      );
    };

    it("reads what onnx wrote", async () => {
      placeWeights();
      const { graph } = await readOnnx(model);
      for (const [index, expected] of tensors.entries()) assertTensor(graph.initializers[index], expected);
    });

    it("refuses a file that is missing or too short", async () => {
      await assert.rejects(readOnnx(model), /cannot be found/);
      placeWeights();
      truncateSync(join(folder, "model", location), bytesOf(weights).length - 1);
      await assert.rejects(readOnnx(model), /of external\.weights, which has \d+/);
    });

    it("stays in the model's folder", async () => {
      placeWeights();
      writeFileSync(join(folder, "outside.data"), bytesOf(weights));
      renamed("sub/of.weights__");
      mkdirSync(join(folder, "model", "sub"));
      placeWeights("sub/of.weights__");
      await readOnnx(model);
      symlinkSync(join(folder, "outside.data"), join(folder, "model", "out_by_symlinks_"));
      symlinkSync(folder, join(folder, "model", "up"));
      for (const name of [
        "../outside.data_",
        "./../outside.dat",
        "/etc/hostname___",
        "out_by_symlinks_",
        "up/outside.data_",
      ]) {
        copyFileSync(join(folder, "outside.data"), join(folder, "outside.data_"));
        copyFileSync(join(folder, "outside.data"), join(folder, "outside.dat"));
        renamed(name);
        await assert.rejects(readOnnx(model), (error: unknown) => {
          assert.ok(error instanceof OnnxFileError);
          assert.match(error.message, /out of the folder|no relative file name/);
          return true;
        });
      }
    });

    it("writes weights beside the model on request, and removes the former ones when the new are in place", async () => {
      const path = join(folder, "written.onnx");
      const first = externalModel();
      await writeOnnx(path, first, { externalData: true });
      assert.deepEqual(await readOnnx(path), first);
      const data = readdirSync(folder).find((name) => name.endsWith(".data"));
      assert.match(data ?? "", /^written\.onnx\.[0-9a-f]{16}\.data$/);
      const second = changed(first);
      await writeOnnx(path, second, { externalData: true });
      assert.deepEqual(await readOnnx(path), second);
      assert.equal(existing(folder, ".data"), 1);
      await writeOnnx(path, second);
      assert.deepEqual(await readOnnx(path), second);
      assert.equal(existing(folder, ".data"), 0);
      assert.equal(existing(folder, ".tmp"), 0);
    });

    it("has the form that onnx's checker took", async () => {
      const path = join(folder, "external data.onnx");
      await writeOnnx(path, externalModel(), { externalData: true });
      assert.equal(sha256(readFileSync(path)), written.models["external data"]);
    });

    it("is loaded by ONNX Runtime", async () => {
      const path = join(folder, "written.onnx");
      await writeOnnx(path, externalModel(), { externalData: true });
      const session = await ort.InferenceSession.create(path);
      const { y, z } = await session.run({});
      assert.ok(y?.data instanceof Float32Array && z?.data instanceof Float64Array);
      assertCloseTo(
        y.data,
        Array.from({ length: 2048 }, (_, index) => index / 3 + 0.5),
        1e-4,
      );
      assert.ok(z.data.every((value) => value === 0));
      await session.release();
    });
  });
});

function existing(folder: string, ending: string): number {
  return readdirSync(folder).filter((name) => name.endsWith(ending)).length;
}

function changed(model: OnnxModel): OnnxModel {
  const initializers = model.graph.initializers.map((tensor): OnnxTensor => {
    return tensor.dtype === "float32" ? { ...tensor, data: tensor.data.map((value) => value + 1) } : tensor;
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

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
