/** @file Functions on tensors at their edges: numbers far out, sizes known only to a run, and what cannot be. */
import assert from "node:assert/strict";
import * as g from "../../../ml/graph/index.ts";
import { GraphError, Tensor } from "../../../ml/graph/index.ts";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import { gradients } from "../../../ml/graph/gradients.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { sum } from "../../../ml/graph/ops/reduce.ts";
import { multiply } from "../../../ml/graph/ops/elementwise.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import { input } from "../../../ml/graph/value.ts";
import { assertCloseTo } from "../close-to.ts";

const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data(), Number);

describe("numbers far out", () => {
  it("expm1 and log1p keep small numbers and infinities", async () => {
    const small = g.tensor([1e-8, -1e-8, 1e-20, 0]);
    for (const near of [g.expm1(small), g.log1p(small)])
      assertCloseTo(
        (await numbers(near)).map((each, at) => (at === 3 ? each : each / [1e-8, -1e-8, 1e-20][at]!)),
        [1, 1, 1, 0],
        1e-6,
      );
    assert.deepEqual(await numbers(g.expm1(g.tensor([Infinity, -Infinity]))), [Infinity, -1]);
    assert.deepEqual(await numbers(g.log1p(g.tensor([Infinity, -1]))), [Infinity, -Infinity]);
  });

  it("hypot neither overflows nor divides by zero", async () => {
    const a = g.tensor([3e30, 0, Infinity, 3]);
    const b = g.tensor([4e30, 0, Infinity, 4]);
    assert.deepEqual(await numbers(g.hypot(a, b)), [Math.fround(5e30), 0, Infinity, 5]);
    const slope = g.grad((x: typeof a) => g.hypot(x, b).slice([1, 2]).sum())(a);
    assert.deepEqual((await numbers(slope))[1], 0);
  });

  it("atan2 knows all quadrants and the axes", async () => {
    const y = [1, 1, -1, -1, 0, 0, 1, -1, 0];
    const x = [1, -1, 1, -1, 1, -1, 0, 0, 0];
    assertCloseTo(
      await numbers(g.atan2(g.tensor(y), g.tensor(x))),
      y.map((each, at) => Math.atan2(each, x[at]!)),
      1e-6,
    );
  });

  it("tests of numbers", async () => {
    const x = g.tensor([1, Infinity, -Infinity, NaN]);
    assert.deepEqual(await numbers(g.isNaN(x)), [0, 0, 0, 1]);
    assert.deepEqual(await numbers(g.isInf(x)), [0, 1, 1, 0]);
    assert.deepEqual(await numbers(g.isFinite(x)), [1, 0, 0, 0]);
    assert.deepEqual(await numbers(g.isClose(x, g.tensor([1 + 1e-7, Infinity, 0, NaN]))), [1, 1, 0, 0]);
  });

  it("logic and a choice between bools", async () => {
    const a = g.tensor([1, 1, 0, 0], "bool");
    const b = g.tensor([1, 0, 1, 0], "bool");
    assert.deepEqual(await numbers(g.logicalAnd(a, b)), [1, 0, 0, 0]);
    assert.deepEqual(await numbers(g.logicalOr(a, b)), [1, 1, 1, 0]);
    assert.deepEqual(await numbers(g.logicalXor(a, b)), [0, 1, 1, 0]);
    assert.deepEqual(await numbers(g.logicalNot(a)), [0, 0, 1, 1]);
    assert.deepEqual(await numbers(g.where(a, b, g.logicalNot(b))), [1, 0, 0, 1]);
    assert.deepEqual(await numbers(g.notEqual(a, b)), [0, 1, 1, 0]);
  });

  it("softmax and logSumExp do not overflow", async () => {
    const x = g.tensor([1000, 1000, -1000]);
    assertCloseTo(await numbers(g.softmax(x)), [0.5, 0.5, 0], 1e-6);
    assertCloseTo([await g.logSumExp(x).item()], [1000 + Math.LN2], 1e-3);
    assertCloseTo(await numbers(g.grad((y: typeof x) => g.logSumExp(y))(x)), [0.5, 0.5, 0], 1e-6);
  });

  it("methods are the functions", async () => {
    const x = g.tensor([
      [1, 5, 2],
      [7, 3, 3],
    ]);
    assert.deepEqual(await numbers(x.argmax(-1)), [1, 0]);
    assert.deepEqual(await numbers(x.clip(2, 5)), [2, 5, 2, 5, 3, 3]);
    assert.deepEqual(await numbers(x.softmax(0)), await numbers(g.softmax(x, 0)));
    assert.deepEqual(await numbers(x.lessOrEqual(3)), [1, 0, 1, 0, 1, 1]);
    assert.deepEqual(await numbers(x.greaterOrEqual(3)), [0, 1, 0, 1, 1, 1]);
  });

  it("equal elements keep their order in sort and topK", async () => {
    const x = g.tensor([2, 1, 2, 1]);
    assert.deepEqual(await numbers(g.argsort(x)), [1, 3, 0, 2]);
    assert.deepEqual(await numbers(g.topK(x, 3).positions), [0, 2, 1]);
  });

  it("empty axes", async () => {
    const x = g.zeros([0, 3]);
    assert.deepEqual((await g.concat([x, g.ones([2, 3])]).toData()).shape, [2, 3]);
    assert.deepEqual((await g.roll(x, 1, 0).toData()).shape, [0, 3]);
    assert.deepEqual(await numbers(x.sum(0)), [0, 0, 0]);
  });
});

describe("sizes that only a run knows", () => {
  const x = new Tensor(input("x", "float32", ["batch", 3]));
  const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  const known = g.fromData("float32", data, [4, 3]);
  const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    "a range": (x) => x.slice([1, -1]),
    "every second": (x) => x.slice({ step: 2 }, [1]),
    "one position": (x) => x.slice(-1),
    "one position behind": (x) => x.slice(null, 1),
    "a whole axis turned": (x) => g.flip(x, [0, 1]),
    roll: (x) => g.roll(x, 5, 0),
    concat: (x) => g.concat([x, x.mul(2)], 0),
    repeat: (x) => g.repeat(x, 2, 0),
    tile: (x) => g.tile(x, [2, 1]),
    "variance over the batch": (x) => g.variance(x, 0, { correction: 1 }),
    sort: (x) => g.sort(x, { axis: 0, descending: true }).values,
    indexAdd: (x) => g.indexAdd(x, g.tensor([0, 2, 0], "int64"), g.ones([3, 3]), 0),
    softmax: (x) => g.softmax(x, 0),
    take: (x) => g.take(x, g.tensor([3, 0, 0], "int64"), 0),
    "einsum over the batch": (x) => g.einsum("bi,bj->ij", x, x.square()),
    "einsum along the batch": (x) => g.einsum("bi,ji->bj", x, g.ones([2, 3])),
    cumsum: (x) => g.cumsum(x, 0),
    padding: (x) => g.pad(x, [[1, 2], 0], { value: 3 }),
  };
  for (const [name, compute] of Object.entries(functions)) {
    it(name, async () => {
      const weigh = (y: Tensor): Tensor => new Tensor(multiply(y.value, y.value));
      const loss = (y: Tensor): Tensor => new Tensor(sum(weigh(compute(y)).value));
      const [gradient] = gradients(loss(x).value, [x.value]);
      const { model } = lower([x.value], { result: compute(x).value, gradient: gradient! });
      await using session = await Session.create(encodeOnnx(model));
      const { result, gradient: slope } = await session.run(
        { x: { dtype: "float32", data, shape: [4, 3] } },
        { result: null, gradient: null },
      );
      assert.deepEqual(result!.shape, compute(known).shape);
      assertCloseTo(Array.from(result!.data, Number), await numbers(compute(known)), 1e-5);
      const expected = g.grad((y: Tensor): Tensor<readonly []> => loss(y))(known);
      assertCloseTo(Array.from(slope!.data, Number), await numbers(expected), 1e-3);
    });
  }
});

describe("second derivatives", () => {
  const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    log1p: (x) => g.log1p(x.square()),
    expm1: (x) => g.expm1(x),
    softmax: (x) => g.softmax(x).square(),
    logSoftmax: (x) => g.logSoftmax(x).square(),
    variance: (x) => g.variance(x).square(),
    cumsum: (x) => g.cumsum(x).square(),
    takeAlong: (x) => g.takeAlong(x, g.tensor([2, 0, 0], "int64"), 0).square(),
    sort: (x) => g.sort(x).values.square(),
    "padding, reflected": (x) => g.pad(x, [2], { mode: "reflect" }).square(),
    elu: (x) => g.elu(x).square(),
  };
  for (const [name, compute] of Object.entries(functions)) {
    it(name, async () => {
      const slope = g.grad((x: Tensor): Tensor<readonly []> => compute(x).sum());
      const curvature = g.grad((x: Tensor): Tensor<readonly []> => slope(x).square().sum());
      const values = [0.3, -0.7, 1.1];
      const at = g.fromData("float64", Float64Array.from(values), [3]);
      const found = await numbers(curvature(at));
      for (const entry of values.keys()) {
        const moved = async (by: number): Promise<number> =>
          slope(g.fromData("float64", Float64Array.from(values.with(entry, values[entry]! + by)), [3]))
            .square()
            .sum()
            .item();
        const difference = ((await moved(1e-5)) - (await moved(-1e-5))) / 2e-5;
        assertCloseTo([found[entry]!], [difference], 1e-6 * Math.max(1, Math.abs(difference)), name);
      }
    });
  }
});

describe("functions that cannot be", () => {
  const matrix = g.ones([2, 3]);
  const unknown: Tensor = matrix;
  const product: string = "ij,jk->ik";
  const invalid: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["a position that is not there", () => matrix.slice(0, 3), /axis 1 of \[2, 3\] has no position 3/],
    ["more positions than axes", () => unknown.slice(0, 0, 0), /3 positions in a tensor of shape \[2, 3\]/],
    ["a step of 0", () => matrix.slice({ step: 0 }), /step one that isn't 0/],
    ["an equation that is none", () => g.einsum("i-j", unknown), /"i-j" is no list of subscripts/],
    ["too few operands", () => g.einsum(product, unknown), /names 2 operands, 1 are given/],
    ["subscripts that do not fit", () => g.einsum("ijk->i", unknown), /"ijk" of "ijk->i" does not fit/],
    [
      "sizes that differ",
      () => g.einsum("ij,jk->ik", unknown, unknown),
      /"j" of .* is 3 in one operand and 2/,
    ],
    ["a result's unknown letter", () => g.einsum("ij->ik", unknown), /names "k" which no operand has/],
    ["too much of topK", () => g.topK(matrix, 4), /no 4 elements along axis 1/],
    [
      "a reflection as wide as the axis",
      () => g.pad(matrix, [0, 3], { mode: "reflect" }),
      /reflects at most 2/,
    ],
    ["a negative width", () => g.pad(matrix, [0, -1]), /whole numbers from 0/],
    [
      "scattered shapes that differ",
      () => g.scatter(unknown, g.zeros([2, 1], "int64"), unknown, 0),
      /differ/,
    ],
    [
      "positions that are no whole numbers",
      () => g.takeAlong(unknown, unknown, 0),
      /int32 or int64, not float32/,
    ],
    ["cumprod along an unknown size", () => g.cumprod(new Tensor(input("x", "float32", ["n"]))), /not known/],
    ["slopes that do not fit", () => g.prelu(unknown, g.ones([2, 1, 3])), /do not stretch to \[2, 3\]/],
    ["chunks of nothing", () => g.chunk(matrix, 0), /can't be cut into 0 parts/],
  ];
  for (const [name, construct, message] of invalid)
    it(name, () => {
      assert.throws(construct, (error) => error instanceof GraphError && message.test(error.message));
    });
});
