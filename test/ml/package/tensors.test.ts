/** @file Packages of graphs that take tensors. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromRows } from "../../../ml/data/index.ts";
import { toOnnx, type Tensor } from "../../../ml/graph/index.ts";
import { parseSignature, readModel, verifyModel, writeModel } from "../../../ml/package/index.ts";

const onnx = toOnnx(({ x }: { readonly x: Tensor }) => ({ total: x.sum([1, 2]), doubled: x.mul(2) }), {
  x: { dtype: "float32", shape: ["rows", 2, "columns"] },
});
const signature = parseSignature({
  inputs: [{ name: "x", type: "float32", dtype: "float32", required: true, shape: [2, -1] }],
  outputs: [
    { name: "total", type: "float32" },
    { name: "doubled", type: "float32", shape: [2, -1] },
  ],
});

describe("packages of tensors", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-tensors-"));
    await writeModel(join(folder, "sum"), { onnx, signature });
  });
  after(async () => await rm(folder, { recursive: true, force: true }));

  it("predict rows of nested and of flat lists", async () => {
    await using model = await readModel(join(folder, "sum"));
    assert.deepEqual(
      await model.predict([
        {
          x: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        },
        { x: [1, 1, 1, 2, 2, 2] },
      ]),
      [
        { total: 21, doubled: [2, 4, 6, 8, 10, 12] },
        { total: 9, doubled: [2, 2, 2, 4, 4, 4] },
      ],
    );
    const refused = async (x: never, message: RegExp): Promise<void> =>
      assert.rejects(model.predict([{ x: [[1], [2]] }, { x }]), { name: "InvalidInputError", message });
    await refused(
      [
        [1, 2],
        [3, 4],
      ] as never,
      /"x" of row 1 has 4 elements, where the shape \[2, 1\] has 2/,
    );
    await refused([["1"], [2]] as never, /"x" holds "1", where float32 is needed/);
    await refused(7 as never, /"x" of row 1 is no list/);
    await refused(null as never, /"x" of row 1 is no list/);
  });

  it("tell MLflow of them", async () => {
    const text = await readFile(join(folder, "sum/MLmodel"), "utf8");
    assert.match(text, /"tensor-spec":\{"dtype":"float32","shape":\[-1,2,-1\]\}/);
    const declared = await readFile(join(folder, "sum/tenon/signature.d.ts"), "utf8");
    assert.match(declared, /readonly x: readonly \(readonly \(number\)\[\]\)\[\];/);
    assert.match(declared, /readonly doubled: readonly number\[\];/);
  });

  it("are recorded and replayed where their sizes are known", async () => {
    const known = parseSignature({
      inputs: [{ ...signature.inputs[0], shape: [2, 3] }],
      outputs: [signature.outputs[0], { ...signature.outputs[1], shape: [2, 3] }],
    });
    const fixed = toOnnx(({ x }: { readonly x: Tensor }) => ({ total: x.sum([1, 2]), doubled: x.mul(2) }), {
      x: { dtype: "float32", shape: ["rows", 2, 3] },
    });
    await writeModel(join(folder, "fixed"), { onnx: fixed, signature: known });
    await using model = await readModel(join(folder, "fixed"));
    assert.equal(model.recorded?.rows.length, 8);
    assert.equal((await verifyModel(model)).passed, true);
    await assert.rejects(
      writeModel(
        join(folder, "rows"),
        { onnx: fixed, signature: known },
        { rows: await fromRows([{ x: 1 }]) },
      ),
      /a table has no tensors/,
    );
  });

  it("refuse signatures that aren't theirs", async () => {
    const refused = async (inputs: readonly object[], message: RegExp): Promise<void> =>
      await assert.rejects(
        async () =>
          await writeModel(join(folder, "other"), {
            onnx,
            signature: parseSignature({ inputs, outputs: signature.outputs }),
          }),
        { name: "InvalidInputError", message },
      );
    const [x] = signature.inputs;
    await refused(
      [{ ...x, shape: [3, -1] }],
      /is float32 of \[rows, 2, columns\]; the signature says float32 of \[rows, 3, -1\]/,
    );
    await refused([{ ...x, shape: undefined }], /the signature says float32 of \[rows\]/);
    await refused([{ ...x, shape: [2, 0] }], /a size is a number from 1 up, or -1/);
    await refused([{ ...x, required: false }], /dtype has no form for its type/);
    await refused([{ ...x, dtype: "int32", type: "float32" }], /dtype has no form for its type/);
    await refused(
      [{ ...x, dtype: "int8", type: "int8", shape: undefined }],
      /dtype has no form for its type/,
    );
    await refused([{ ...x, dtype: "int64", type: "int64" }], /is float32 .*; the signature says int64/);
  });
});
