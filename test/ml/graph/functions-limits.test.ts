/** @file Functions and reductions at their limits: near 0, far out, ties, unknown sizes, wrong element types. */
import assert from "node:assert/strict";
import * as g from "../../../ml/graph/index.ts";
import { fromData, ones, randn, tensor, zeros } from "../../../ml/graph/create.ts";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import { GraphError } from "../../../ml/graph/errors.ts";
import { gradients } from "../../../ml/graph/gradients.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { grad } from "../../../ml/graph/transforms/grad.ts";
import { input } from "../../../ml/graph/value.ts";
import { assertCloseTo } from "../close-to.ts";

const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;

async function numbersOf(x: Tensor): Promise<number[]> {
  return Array.from((await x.toData()).data, Number);
}

/** Each element by itself, unlike norm-wise comparisons. */
function assertEachNear(actual: readonly number[], expected: readonly number[], relative: number): void {
  assert.equal(actual.length, expected.length);
  for (const [index, wanted] of expected.entries()) {
    const found = actual[index] ?? nan;
    const isNear = Object.is(found, wanted) || Math.abs(found - wanted) <= relative * Math.abs(wanted);
    assert.ok(isNear, `[${index}]: ${found} instead of ${wanted}`);
  }
}

type Unary = readonly [
  name: string,
  ours: (x: Tensor) => Tensor,
  expected: (x: number) => number,
  at: readonly number[],
];
const small = [1e-20, -1e-7, 3e-6, -2e-4, 0.013, -0.4, 0.49, 0.51];

const exact: readonly Unary[] = [
  ["expm1", (x) => g.expm1(x), Math.expm1, [...small, 0, 3, -9, -200, infinity, -infinity, nan]],
  ["log1p", (x) => g.log1p(x), Math.log1p, [...small, 0, 3, 1e6, -1, -2, infinity, nan]],
  ["sinh", (x) => g.sinh(x), Math.sinh, [...small, 5, -5]],
  ["asinh", (x) => g.asinh(x), Math.asinh, [...small, 5, -5, 1e6]],
  ["atanh", (x) => g.atanh(x), Math.atanh, [...small, 0.9, -0.99]],
  ["cosh", (x) => g.cosh(x), Math.cosh, [...small, 0, 5, -5]],
  ["tan", (x) => g.tan(x), Math.tan, [...small, 1.5, -1.5]],
  ["trunc", (x) => g.trunc(x), Math.trunc, [2.7, -2.7, 0.3, 1e9, infinity, -infinity, nan]],
  [
    "softplus",
    (x) => g.softplus(x),
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    [0, 3, 200, 1e4],
  ],
];

describe("element-wise functions, near 0 and far out", () => {
  for (const [name, ours, expected, at] of exact) {
    it(`${name} of float32, each element to its rounding`, async () => {
      const data = Float32Array.from(at);
      const found = await numbersOf(ours(fromData("float32", data, [at.length])));
      assertEachNear(found, Array.from(data, expected), 1e-6);
    });

    it(`${name} of float64, each element to its rounding`, async () => {
      const data = Float64Array.from(at);
      const found = await numbersOf(ours(fromData("float64", data, [at.length])));
      assertEachNear(found, Array.from(data, expected), 1e-13);
    });
  }

  it("atan2 in all directions", async () => {
    const points = [-2, -0.5, -0, 0, 0.5, 3].flatMap((y) =>
      [-3, -0, 0, 1e-30, 2].map((x) => [y, x] as const),
    );
    const [y, x] = [0, 1].map((at) => tensor(points.map((point) => point[at]!)) as Tensor);
    // Signs of zeros are not looked at.
    const expected = points.map((point) => Math.atan2(point[0] + 0, point[1] + 0));
    assertCloseTo(await numbersOf(g.atan2(y!, x!)), expected, 1e-6);
  });

  it("hypot neither overflows nor divides by 0", async () => {
    const a = tensor([3e30, 0, infinity, -infinity, 1e-30, 0]);
    const b = tensor([4e30, 0, 1, infinity, 0, -5]);
    assertEachNear(await numbersOf(g.hypot(a, b)), [5e30, 0, infinity, infinity, 1e-30, 5], 1e-6);
    const slope = grad((x: Tensor) => g.hypot(x, zeros([2])).sum())(tensor([0, -2]));
    assert.deepEqual(await numbersOf(slope), [0, -1]);
  });

  it("remainders by every pair of signs", async () => {
    const [a, b] = [tensor([7.5, -7.5, 7.5, -7.5, 6, -6]), tensor([2, 2, -2, -2, -3, 3])];
    assert.deepEqual(await numbersOf(g.fmod(a, b)), [1.5, -1.5, 1.5, -1.5, 0, -0]);
    assertEachNear(await numbersOf(g.remainder(a, b).add(1)), [2.5, 1.5, 0.5, -0.5, 1, 1], 0);
    assert.deepEqual(await numbersOf(g.floorDivide(a, b)), [3, -4, -4, 3, -2, -2]);
    assert.deepEqual(await numbersOf(g.remainder(tensor([7, -7], "int32"), 3)), [1, 2]);
    assert.deepEqual(await numbersOf(g.fmod(tensor([7, -7], "int32"), 3)), [1, -1]);
  });

  it("tests of what is no number, infinite or close", async () => {
    const x = tensor([1, nan, infinity, -infinity, -0]);
    assert.deepEqual(await numbersOf(g.isNaN(x)), [0, 1, 0, 0, 0]);
    assert.deepEqual(await numbersOf(g.isInf(x)), [0, 0, 1, 1, 0]);
    assert.deepEqual(await numbersOf(g.isFinite(x)), [1, 0, 0, 0, 1]);
    const y = tensor([1.000001, nan, infinity, infinity, 1e-9]);
    assert.deepEqual(await numbersOf(g.isClose(x, y)), [1, 0, 1, 0, 1]);
    assert.deepEqual(
      await numbersOf(g.isClose(tensor([1, 1]), tensor([1.01, 1.2]), { relative: 0.1 })),
      [1, 0],
    );
  });

  it("logSigmoid and mish far out", async () => {
    const x = tensor([-200, 200, -1e4]);
    assertCloseTo(await numbersOf(g.logSigmoid(x)), [-200, 0, -1e4], 1e-3);
    assertCloseTo(await numbersOf(grad((z: Tensor) => g.logSigmoid(z).sum())(x)), [1, 0, 1], 1e-6);
    assertCloseTo(await numbersOf(g.mish(tensor([-200, 200]))), [0, 200], 1e-5);
  });
});

describe("reductions at their limits", () => {
  it("logSumExp and softmax of large, small and infinite numbers", async () => {
    const x = tensor([
      [1000, 1000],
      [-1000, -1001],
      [-infinity, -infinity],
      [infinity, 0],
    ]);
    const expected = [1000 + Math.LN2, -1000 + Math.log1p(Math.exp(-1)), -infinity, infinity];
    assertEachNear(await numbersOf(g.logSumExp(x, 1)), expected, 1e-6);
    const large = tensor([1000, 1001, -infinity]);
    const share = 1 / (1 + Math.E);
    assertCloseTo(await numbersOf(large.softmax()), [share, 1 - share, 0], 1e-6);
    assertCloseTo(await numbersOf(grad((z: Tensor) => g.logSumExp(z))(large)), [share, 1 - share, 0], 1e-6);
  });

  it("equal elements: no deviation, and no gradient of it or of a norm of 0", async () => {
    const x = tensor([3, 3, 3]);
    assert.equal(await g.std(x).item(), 0);
    assert.deepEqual(await numbersOf(grad((z: Tensor) => g.std(z))(x)), [0, 0, 0]);
    assert.deepEqual(await numbersOf(grad((z: Tensor) => g.norm(z))(zeros([3]))), [0, 0, 0]);
  });

  it("a variance far from 0 does not cancel", async () => {
    assertCloseTo(
      [await g.variance(tensor([10_000, 10_001, 10_002]), 0, { correction: 1 }).item()],
      [1],
      1e-6,
    );
  });

  it("a sample of one has no variance", async () => {
    assert.ok(Number.isNaN(await g.variance(tensor([3]), 0, { correction: 1 }).item()));
    assert.equal(await g.variance(tensor([3])).item(), 0);
  });

  it("the first of equal extremes is the position", async () => {
    const x = tensor([
      [1, 3, 3],
      [0, 0, 2],
    ]);
    assert.deepEqual(await numbersOf(x.argmax(1)), [1, 2]);
    assert.deepEqual(await numbersOf(g.argmin(x, 1)), [0, 0]);
    const kept = await x.argmax(undefined, { keepAxes: true }).toData();
    assert.deepEqual([kept.shape, Number(kept.data[0])], [[1, 1], 1]);
  });

  it("positions, truths and sums of whole numbers", async () => {
    for (const dtype of ["int32", "int64", "uint8"] as const) {
      const x = tensor([2, 0, 5, 1], dtype);
      assert.equal(await x.argmax().item(), 2, dtype);
      assert.equal(await g.argmin(x).item(), 1, dtype);
      assert.deepEqual(
        [await x.any().item(), await x.all().item(), await g.countNonzero(x).item()],
        [1, 0, 3],
      );
    }
    assert.deepEqual(await numbersOf(g.cumsum(tensor([1, 2, 3], "int32"), 0)), [1, 3, 6]);
    assert.deepEqual(await numbersOf(g.cumprod(tensor([1, 2, 3], "int64"), 0)), [1, 2, 6]);
  });

  it("an empty batch", async () => {
    const x = fromData("float32", new Float32Array(0), [0, 3]);
    for (const result of [
      x.softmax(),
      g.logSumExp(x, 1),
      g.std(x, 1),
      g.norm(x, 1),
      g.cumsum(x, 1),
      x.any(1),
      x.argmax(1),
    ])
      assert.equal((await (result as Tensor).data()).length, 0);
  });
});

describe("functions and reductions over a batch whose size is known only when they run", () => {
  const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    softmax: (x) => x.softmax(),
    "softmax over the batch": (x) => x.softmax(0),
    logSoftmax: (x) => x.logSoftmax(0),
    "logSumExp over the batch": (x) => g.logSumExp(x, 0),
    "logSumExp of all": (x) => g.logSumExp(x),
    "var of all": (x) => g.variance(x),
    "var over the batch": (x) => g.variance(x, 0, { correction: 0 }),
    std: (x) => g.std(x, 0, { keepAxes: true }),
    norm: (x) => g.norm(x, 1),
    "norm of all": (x) => g.norm(x),
    prod: (x) => x.prod(0),
    "cumsum over the batch": (x) => g.cumsum(x, 0),
    cumprod: (x) => g.cumprod(x, 1),
    any: (x) => x.greater(1).any(0),
    all: (x) => x.greater(-1).all(1, { keepAxes: true }),
    countNonzero: (x) => g.countNonzero(x.greater(0)),
    "argmax of all": (x) => x.argmax(),
    argMin: (x) => g.argmin(x, 0),
    prelu: (x) => g.prelu(x, tensor([0.5, 0.25, -1]) as Tensor),
    leakyRelu: (x) => g.leakyRelu(x, 0.3),
    hypot: (x) => g.hypot(x, ones([3])),
    remainder: (x) => g.remainder(x, 0.7),
    clip: (x) => x.clip(0),
    trunc: (x) => g.trunc(x.mul(3)),
    expm1: (x) => g.expm1(x),
    log1p: (x) => g.log1p(x.abs()),
  };
  for (const [name, compute] of Object.entries(functions))
    it(name, async () => {
      const data = randn([4, 3], { seed: 5 });
      const results: number[][] = [];
      for (const batch of [4, "batch"]) {
        const x = input("x", "float32", [batch, 3]);
        const result = compute(new Tensor(x));
        const isFloat = result.dtype === "float32";
        const [found] = isFloat ? gradients(result.square().sum().value, [x]) : [];
        const { model } = lower([x], { result: result.value, ...(found && { gradient: found }) });
        await using session = await Session.create(encodeOnnx(model));
        const outputs = Object.fromEntries(session.outputNames.map((each) => [each, null]));
        const ran = await session.run({ x: await data.toData() }, outputs);
        assert.equal(Object.keys(ran).length, isFloat && name !== "trunc" ? 2 : 1);
        results.push(Object.values(ran).flatMap((each) => Array.from(each.data, Number)));
      }
      const [known, symbolic] = results;
      assert.ok(known!.some((each) => Math.abs(each) > 1e-3));
      assertCloseTo(symbolic!, known!, 1e-6);
    });
});

describe("functions and reductions that cannot be", () => {
  const whole: Tensor = tensor([1, 2], "int64");
  const x: Tensor = ones([2, 3]);
  const invalid: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["the sine of whole numbers", () => g.sin(whole), /Sin takes floating numbers, not int64 \[2\].*cast/],
    ["the logarithm of whole numbers", () => g.log1p(whole), /is no int64; convert the tensor with cast/],
    ["half of whole numbers", () => whole.mul(0.5), /^0.5 is no int64/],
    ["a limit that whole numbers don't have", () => whole.clip(0.5), /^0.5 is no int64/],
    ["softmax of whole numbers", () => whole.softmax(), /Softmax takes floating numbers/],
    ["and of numbers", () => x.and(x), /And takes bools, not float32/],
    ["not of numbers", () => x.not(), /Not takes bools, not float32/],
    ["an axis that is not there", () => x.softmax(2), /no axis 2/],
    ["an axis of argmax that is not there", () => x.argmax(-3), /no axis -3/],
    ["elu with alpha 0", () => g.elu(x, 0), /elu: alpha must be positive, not 0/],
    ["celu with a negative alpha", () => g.celu(x, -1), /celu: alpha must be positive, not -1/],
    ["slopes that do not stretch", () => g.prelu(x, ones([2, 2, 3])), /slopes of \[2, 2, 3\] do not stretch/],
    [
      "cumprod along an axis of unknown size",
      () => g.cumprod(new Tensor(input("x", "float32", ["batch", 3])), 0),
      /cumprod: the size of axis 0 is not known/,
    ],
  ];
  for (const [name, construct, message] of invalid)
    it(name, () => {
      assert.throws(construct, (error) => error instanceof GraphError && message.test(error.message));
    });
});
