/** @file Models with weights in files beside them. */
import assert from "node:assert/strict";
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
import { OnnxFileError } from "../../../ml/graph/errors.ts";
import { readOnnx } from "../../../ml/graph/onnx/decode.ts";
import { writeOnnx } from "../../../ml/graph/onnx/encode.ts";
import type { OnnxModel, OnnxTensor } from "../../../ml/graph/onnx/model.ts";
import { ProtobufWriter } from "../../../ml/graph/onnx/protobuf-writer.ts";
import { assertCloseTo } from "../close-to.ts";
import { assertTensor } from "./assert-elements.ts";
import { externalModel } from "./external-model.ts";
import { bytesOf, onnxReference, onnxWritten as written, sha256 } from "./onnx-reference.ts";

describe("ONNX files with external data", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-onnx-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const { bytes, location, weights, tensors } = onnxReference.external;
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

  describe("places", () => {
    type Place = Readonly<Record<string, string>>;
    /** A model of two-element tensors at these places of a file of 32 bytes: 0 to 31. */
    const modelAt = (dtype: number, ...places: Place[]): string => {
      writeFileSync(
        join(folder, "data"),
        Uint8Array.from({ length: 32 }, (_, index) => index),
      );
      const writer = new ProtobufWriter();
      writer.integer(1, 8);
      writer.message(7, (graph) => {
        for (const [index, place] of places.entries()) {
          graph.message(5, (tensor) => {
            tensor.integer(1, 2);
            tensor.integer(2, dtype);
            tensor.text(8, `w${index}`);
            for (const [key, value] of Object.entries(place)) {
              tensor.message(13, (entry) => {
                entry.text(1, key);
                entry.text(2, value);
              });
            }
            tensor.integer(14, 1);
          });
        }
      });
      writer.message(8, (opset) => opset.integer(2, 17));
      const path = join(folder, "model.onnx");
      writeFileSync(path, Buffer.concat(writer.chunks()));
      return path;
    };
    const [uint8, bool, int64] = [2, 9, 7];

    it("may be shared, and need no length", async () => {
      const shared = { location: "data", offset: "4", length: "2" };
      const { graph } = await readOnnx(modelAt(uint8, shared, shared, { location: "data" }));
      assert.deepEqual(
        graph.initializers.map(({ data }) => data),
        [Uint8Array.of(4, 5), Uint8Array.of(4, 5), Uint8Array.of(0, 1)],
      );
      const [first, second] = graph.initializers;
      assert.ok(first?.dtype === "uint8" && second?.dtype === "uint8");
      assert.equal(first.data.buffer, second.data.buffer);
    });

    it("need no alignment", async () => {
      const { graph } = await readOnnx(modelAt(int64, { location: "data", offset: "3" }));
      assert.deepEqual(
        graph.initializers[0]?.data,
        BigInt64Array.of(0x0a09080706050403n, 0x1211100f0e0d0c0bn),
      );
    });

    const refused: readonly [about: string, dtype: number, places: readonly Place[], message: RegExp][] = [
      ["no location", uint8, [{ offset: "0" }], /isn't said which/],
      ["an offset past the end", uint8, [{ location: "data", offset: "31" }], /which has 32/],
      [
        "an offset far past the end",
        uint8,
        [{ location: "data", offset: "9007199254740991" }],
        /which has 32/,
      ],
      ["a negative offset", uint8, [{ location: "data", offset: "-1" }], /no number of bytes/],
      [
        "an offset beyond 2^53",
        uint8,
        [{ location: "data", offset: "9007199254740993" }],
        /no number of bytes/,
      ],
      ["an offset of letters", uint8, [{ location: "data", offset: "0x1" }], /no number of bytes/],
      ["a length of another shape", uint8, [{ location: "data", length: "3" }], /3 bytes in data; .* need 2/],
      ["an overlap", uint8, [{ location: "data" }, { location: "./data", offset: "1" }], /overlaps/],
      ["no booleans", bool, [{ location: "data", offset: "2" }], /no booleans/],
      ["the model's folder", uint8, [{ location: "." }], /out of the folder|no regular file/],
    ];
    for (const [about, dtype, places, message] of refused) {
      it(`are refused with ${about}`, async () => {
        await assert.rejects(readOnnx(modelAt(dtype, ...places)), (error: unknown) => {
          assert.ok(error instanceof OnnxFileError);
          assert.match(error.message, message);
          return true;
        });
      });
    }
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
