/** @file Results of compiled functions that stay where they were computed, of every element type. */
import assert from "node:assert/strict";
import { ones, tensor } from "../../../ml/graph/create.ts";
import type { DType } from "../../../ml/graph/dtype.ts";
import type { Tensor } from "../../../ml/graph/tensor.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";

const dtypes: readonly DType[] = ["float32", "float64", "float16", "int32", "int64", "uint8", "bool"];

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

describe("results that are kept", () => {
  for (const dtype of dtypes)
    it(`of ${dtype} are read, and used by the next run`, async () => {
      const compute = jit((x: Tensor) => ({ y: x.add(1).cast(dtype) }));
      const again = jit((y: Tensor) => ({ z: y.cast("float32").mul(2) }));
      const given: Tensor = tensor([-1, 0, 1, 2]);
      const computed = await compute(given).catch(errorOf);
      if (computed instanceof Error) {
        // Half precision is an optional feature of WebGPU's devices; the error must say that it is missing.
        assert.match(computed.message, /the device does not compute float16/);
        return;
      }
      const { y } = computed;
      const expected = dtype === "bool" ? [0, 1, 1, 1] : [0, 1, 2, 3];
      assert.equal(y.dtype, dtype);
      const { z } = await again(y);
      assert.deepEqual(
        Array.from(await z.data(), Number),
        expected.map((each) => 2 * each),
      );
      const read = Array.from(await y.cast("float32").data(), Number);
      assert.deepEqual(read, expected);
      assert.equal((await y.data()).length, 4);
    });

  it("of a sum, a scalar, and of nothing, an empty tensor", async () => {
    const compute = jit((x: Tensor) => ({ total: x.sum(), none: x.slice([0, 0]) }));
    const { total, none } = await compute(ones([5]));
    assert.equal(await total.item(), 5);
    assert.deepEqual((await none.data()).length, 0);
  });
});
