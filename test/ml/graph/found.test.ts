/** @file Elements that are found by looking at them, against PyTorch's float64 values. */
import assert from "node:assert/strict";
import * as v from "valibot";
import {
  fromData,
  grad,
  jit,
  maskedSelect,
  nonzero,
  ones,
  tensor,
  unique,
  type DType,
  type Tensor,
} from "../../../ml/graph/index.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const reference = readReference(
  "graph-found",
  v.object({
    cases: v.array(
      v.object({
        shape: numbers,
        x: numbers,
        mask: numbers,
        nonzero: v.array(numbers),
        selected: numbers,
        weights: numbers,
        gradient: numbers,
        values: numbers,
        inverse: numbers,
        counts: numbers,
      }),
    ),
  }),
);

const read = async (x: Tensor): Promise<readonly number[]> => Array.from(await x.data(), Number);

describe("elements that are found", () => {
  for (const expected of reference.cases) {
    const { shape } = expected;
    it(`of [${shape.join(", ")}]: places, masks with their gradient, different ones`, async () => {
      const x = fromData("float32", Float32Array.from(expected.x), shape);
      const mask = fromData("bool", Uint8Array.from(expected.mask), shape);
      const places = await nonzero(x).toData();
      assert.deepEqual(places.shape, [expected.nonzero.length, shape.length]);
      assert.deepEqual(Array.from(places.data, Number), expected.nonzero.flat());
      assert.deepEqual(await read(maskedSelect(x, mask)), expected.selected);
      const weights = fromData("float32", Float32Array.from(expected.weights), shape);
      const weighed = (t: typeof x) => maskedSelect(t, mask).mul(maskedSelect(weights, mask)).sum();
      const gradient = await read(grad(weighed)(x));
      // 0 and -0 are one number.
      const plain = (each: number): number => each + 0;
      assert.deepEqual(gradient.map(plain), expected.gradient.map(plain));
      const { values, inverse, counts } = unique(x);
      assert.deepEqual(await read(values), expected.values);
      assert.deepEqual((await inverse.toData()).shape, shape);
      assert.deepEqual(await read(inverse), expected.inverse);
      assert.deepEqual(await read(counts), expected.counts);
    });
  }

  it("of every type, texts too", async () => {
    const dtypes: readonly DType[] = [
      "float16",
      "float64",
      "int8",
      "int32",
      "int64",
      "uint8",
      "uint32",
      "bool",
    ];
    for (const dtype of dtypes) {
      const x = tensor([1, 0, 1, 0, 1]).cast(dtype);
      assert.deepEqual(await read(unique(x).values.cast("float32")), [0, 1], dtype);
      assert.deepEqual(await read(nonzero(x)), [0, 2, 4], dtype);
    }
    const texts = fromData("string", ["b", "a", "b"], [3]);
    const { values, counts } = unique(texts);
    assert.deepEqual(await values.data(), ["a", "b"]);
    assert.deepEqual(await read(counts), [1, 2]);
  });

  it("the gradient of different elements goes to where they stand first", async () => {
    const x = tensor([2, 1, 2, 3]);
    const squares = (t: typeof x) => unique(t).values.square().sum();
    assert.deepEqual(await read(grad(squares)(x)), [4, 2, 0, 6]);
  });

  it("none found; in a program that is traced once", async () => {
    const sumAbove = jit((t: Tensor<readonly [3], "float32">) => maskedSelect(t, t.greater(1)).sum());
    assert.equal(await (await sumAbove(tensor([1, 2, 4]))).item(), 6);
    assert.equal(await (await sumAbove(ones([3]))).item(), 0);
    assert.deepEqual((await nonzero(ones([3]).sub(1)).toData()).shape, [0, 1]);
  });

  it("refuse a mask that does not fit, and scalars", () => {
    const x = ones([2, 3]);
    // @ts-expect-error a mask of another shape
    assert.throws(() => maskedSelect(x, ones([3]).greater(0)), /a mask of \[3\] does not fit \[2, 3\]/);
    // @ts-expect-error a mask of numbers
    assert.throws(() => maskedSelect(x, x), /the mask is float32, not bool/);
    assert.throws(() => nonzero(tensor(1)), /a scalar has no places/);
    assert.throws(() => unique(tensor([1], "uint64")), /unique: uint64 can't be put in order/);
  });
});
