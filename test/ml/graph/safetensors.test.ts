import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { SafetensorsFileError } from "../../../ml/graph/errors.ts";
import type { SafetensorsTensor } from "../../../ml/graph/safetensors/format.ts";
import { decodeSafetensors, openSafetensors, readSafetensors } from "../../../ml/graph/safetensors/read.ts";
import { encodeSafetensors, writeSafetensors } from "../../../ml/graph/safetensors/write.ts";
import { readReference } from "../reference.ts";
import { assertTensor } from "./assert-elements.ts";

const reference = readReference(
  "safetensors-files",
  v.object({
    files: v.array(
      v.object({
        name: v.string(),
        bytes: v.string(),
        metadata: v.record(v.string(), v.string()),
        tensors: v.record(
          v.string(),
          v.object({ dtype: v.string(), shape: v.array(v.number()), values: v.array(v.string()) }),
        ),
      }),
    ),
    damaged: v.array(v.object({ name: v.string(), bytes: v.string(), reference: v.string() })),
  }),
);
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
const sorted = (names: Iterable<string>): string[] => [...names].sort();

/** Where the format says more than its reference implementation asks for. */
const refusedHereOnly = new Set(["a space before the header", "a name twice"]);

describe("safetensors", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-safetensors-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const { name, bytes, metadata, tensors } of reference.files) {
    it(`reads what the reference wrote: ${name}`, () => {
      const read = decodeSafetensors(bytesOf(bytes));
      assert.deepEqual(read.metadata, metadata);
      assert.deepEqual(sorted(read.tensors.keys()), sorted(Object.keys(tensors)));
      for (const [key, tensor] of read.tensors) assertTensor(tensor, tensors[key]);
    });

    it(`writes what the reference wrote, byte for byte: ${name}`, async () => {
      const read = decodeSafetensors(bytesOf(bytes));
      // In another order than the file's, which must not matter.
      const turned = new Map([...read.tensors].toReversed());
      assert.deepEqual(encodeSafetensors(turned, read.metadata), bytesOf(bytes));
      const path = join(folder, "model.safetensors");
      await writeSafetensors(path, turned, read.metadata);
      assert.deepEqual(new Uint8Array(readFileSync(path)), bytesOf(bytes));
      assert.deepEqual(readdirSync(folder), ["model.safetensors"]);
      assert.deepEqual(await readSafetensors(path), read);
    });
  }

  for (const { name, bytes, reference: verdict } of reference.damaged) {
    const accepted = verdict === "accepted" && !refusedHereOnly.has(name);
    it(`${accepted ? "accepts" : "refuses"} ${name}`, async () => {
      const path = join(folder, "model.safetensors");
      writeFileSync(path, bytesOf(bytes));
      if (accepted) {
        assert.deepEqual(await readSafetensors(path), decodeSafetensors(bytesOf(bytes)));
      } else {
        assert.throws(() => decodeSafetensors(bytesOf(bytes)), SafetensorsFileError);
        await assert.rejects(readSafetensors(path), (error: unknown) => {
          assert.ok(error instanceof SafetensorsFileError);
          assert.equal(error.path, path);
          return true;
        });
      }
    });
  }

  it("opens a file without reading its tensors, and reads one by one", async () => {
    const path = join(folder, "model.safetensors");
    const weights = Float32Array.from({ length: 1000 }, (_, index) => index / 7);
    await writeSafetensors(path, {
      "layer.weight": { dtype: "float32", shape: [10, 100], data: weights },
      "layer.steps": { dtype: "int64", shape: [], data: BigInt64Array.of(12n) },
    });
    await using file = await openSafetensors(path);
    assert.deepEqual(file.tensors.get("layer.weight")?.shape, [10, 100]);
    assert.equal(file.tensors.get("layer.weight")?.byteLength, 4000);
    assert.deepEqual((await file.read("layer.weight")).data, weights);
    assert.deepEqual((await file.read("layer.steps")).data, BigInt64Array.of(12n));
    await assert.rejects(file.read("layer.bias"), /there is no tensor "layer\.bias"/);
  });

  it("reads a Buffer at any offset", () => {
    const file = encodeSafetensors({ x: { dtype: "float64", shape: [2], data: Float64Array.of(1.5, -3) } });
    const shifted = Buffer.alloc(file.length + 3);
    shifted.set(file, 3);
    assert.deepEqual(decodeSafetensors(shifted.subarray(3)).tensors.get("x")?.data, Float64Array.of(1.5, -3));
  });

  it("refuses what cannot be written", () => {
    const data = Float32Array.of(1, 2);
    assert.throws(
      () => encodeSafetensors({ x: { dtype: "float32", shape: [3], data } }),
      /tensor "x" has 8 bytes; its shape and type need 12/,
    );
    assert.throws(
      () => encodeSafetensors({ x: { dtype: "float32", shape: [-2, -1], data } }),
      SafetensorsFileError,
    );
    assert.throws(
      () => encodeSafetensors({ __metadata__: { dtype: "float32", shape: [2], data } }),
      SafetensorsFileError,
    );
  });

  it("leaves the old file whole when a new one cannot be written", async () => {
    const path = join(folder, "model.safetensors");
    const good: SafetensorsTensor = { dtype: "uint8", shape: [1], data: Uint8Array.of(7) };
    await writeSafetensors(path, { good });
    await assert.rejects(writeSafetensors(path, { bad: { ...good, shape: [2] } }), SafetensorsFileError);
    assert.deepEqual((await readSafetensors(path)).tensors.get("good"), good);
    await assert.rejects(writeSafetensors(join(folder, "none", "x.safetensors"), { good }), {
      name: "SafetensorsFileError",
    });
    assert.deepEqual(readdirSync(folder), ["model.safetensors"]);
  });

  it("refuses booleans other than 0 and 1", () => {
    const bytes = encodeSafetensors({ x: { dtype: "bool", shape: [2], data: Uint8Array.of(1, 2) } });
    assert.throws(() => decodeSafetensors(bytes), /no booleans/);
  });

  describe("in several files", () => {
    const tensor = (value: number): SafetensorsTensor => ({
      dtype: "float32",
      shape: [1],
      data: Float32Array.of(value),
    });
    const writeIndex = (weights: Record<string, string>): string => {
      const path = join(folder, "model", "model.safetensors.index.json");
      writeFileSync(path, JSON.stringify({ metadata: { total_size: 8 }, weight_map: weights }));
      return path;
    };
    const [first, second] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    beforeEach(async () => {
      mkdirSync(join(folder, "model"));
      await writeSafetensors(join(folder, "model", first), { a: tensor(1) }, { format: "pt" });
      await writeSafetensors(join(folder, "model", second), { b: tensor(2) }, { format: "pt" });
      await writeSafetensors(join(folder, "outside.safetensors"), { a: tensor(3) });
    });

    it("reads them as one", async () => {
      const { tensors, metadata } = await readSafetensors(writeIndex({ a: first, b: second }));
      assert.deepEqual(
        [...tensors],
        [
          ["a", tensor(1)],
          ["b", tensor(2)],
        ],
      );
      assert.deepEqual(metadata, { format: "pt" });
    });

    it("refuses a file that lacks a tensor, and an index without any", async () => {
      await assert.rejects(readSafetensors(writeIndex({ b: first })), /has no tensor "b"/);
      await assert.rejects(readSafetensors(writeIndex({})), /no weight_map/);
    });

    it("stays in the index's folder", async () => {
      symlinkSync(join(folder, "outside.safetensors"), join(folder, "model", "link.safetensors"));
      symlinkSync(folder, join(folder, "model", "up"));
      for (const name of [
        "../outside.safetensors",
        join(folder, "outside.safetensors"),
        "link.safetensors",
        "up/outside.safetensors",
        "..\\outside.safetensors",
        "C:outside.safetensors",
        "",
        "x\0",
        "up",
      ]) {
        await assert.rejects(readSafetensors(writeIndex({ a: name })), SafetensorsFileError, name);
      }
    });
  });
});
