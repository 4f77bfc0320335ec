/** @file Element-wise functions and reductions at their limits: near 0, far out, ties, unknown sizes, wrong arguments. */
import assert from "node:assert/strict";
import { fromData, ones, randn, tensor, zeros } from "../../../ml/graph/create.ts";
import { encodeModel } from "../../../ml/graph/encode.ts";
import { GraphError } from "../../../ml/graph/errors.ts";
import { celu, elu, leakyRelu, logSigmoid, mish, prelu } from "../../../ml/graph/functions/activations.ts";
import { atan2, floorDivide, hypot, isClose } from "../../../ml/graph/functions/arithmetic.ts";
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
  ["expm1", (x) => x.expm1(), Math.expm1, [...small, 0, 3, -9, -200, infinity, -infinity, nan]],
  ["log1p", (x) => x.log1p(), Math.log1p, [...small, 0, 3, 1e6, -1, -2, infinity, nan]],
  ["sinh", (x) => x.sinh(), Math.sinh, [...small, 5, -5]],
  ["asinh", (x) => x.asinh(), Math.asinh, [...small, 5, -5, 1e6]],
  ["atanh", (x) => x.atanh(), Math.atanh, [...small, 0.9, -0.99]],
  ["cosh", (x) => x.cosh(), Math.cosh, [...small, 0, 5, -5]],
  ["tan", (x) => x.tan(), Math.tan, [...small, 1.5, -1.5]],
  ["trunc", (x) => x.trunc(), Math.trunc, [2.7, -2.7, 0.3, 1e9, infinity, -infinity, nan]],
  [
    "softplus",
    (x) => x.softplus(),
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
    assertCloseTo(await numbersOf(atan2(y!, x!)), expected, 1e-6);
  });

  it("hypot neither overflows nor divides by 0", async () => {
    const a = tensor([3e30, 0, infinity, -infinity, 1e-30, 0]);
    const b = tensor([4e30, 0, 1, infinity, 0, -5]);
    assertEachNear(await numbersOf(hypot(a, b)), [5e30, 0, infinity, infinity, 1e-30, 5], 1e-6);
    const slope = grad((x: Tensor) => hypot(x, zeros([2])).sum())(tensor([0, -2]));
    assert.deepEqual(await numbersOf(slope), [0, -1]);
  });

  it("remainders by every pair of signs", async () => {
    const [a, b] = [tensor([7.5, -7.5, 7.5, -7.5, 6, -6]), tensor([2, 2, -2, -2, -3, 3])];
    assert.deepEqual(await numbersOf(a.fmod(b)), [1.5, -1.5, 1.5, -1.5, 0, -0]);
    assertEachNear(await numbersOf(a.remainder(b).add(1)), [2.5, 1.5, 0.5, -0.5, 1, 1], 0);
    assert.deepEqual(await numbersOf(floorDivide(a, b)), [3, -4, -4, 3, -2, -2]);
    assert.deepEqual(await numbersOf(tensor([7, -7], "int32").remainder(3)), [1, 2]);
    assert.deepEqual(await numbersOf(tensor([7, -7], "int32").fmod(3)), [1, -1]);
  });

  it("tests of what is no number, infinite or close", async () => {
    const x = tensor([1, nan, infinity, -infinity, -0]);
    assert.deepEqual(await numbersOf(x.isNaN()), [0, 1, 0, 0, 0]);
    assert.deepEqual(await numbersOf(x.isInf()), [0, 0, 1, 1, 0]);
    assert.deepEqual(await numbersOf(x.isFinite()), [1, 0, 0, 0, 1]);
    const y = tensor([1.000001, nan, infinity, infinity, 1e-9]);
    assert.deepEqual(await numbersOf(isClose(x, y)), [1, 0, 1, 0, 1]);
    assert.deepEqual(
      await numbersOf(isClose(tensor([1, 1]), tensor([1.01, 1.2]), { relative: 0.1 })),
      [1, 0],
    );
  });

  it("logSigmoid and mish far out", async () => {
    const x = tensor([-200, 200, -1e4]);
    assertCloseTo(await numbersOf(logSigmoid(x)), [-200, 0, -1e4], 1e-3);
    assertCloseTo(await numbersOf(grad((z: Tensor) => logSigmoid(z).sum())(x)), [1, 0, 1], 1e-6);
    assertCloseTo(await numbersOf(mish(tensor([-200, 200]))), [0, 200], 1e-5);
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
    assertEachNear(await numbersOf(x.logSumExp(1)), expected, 1e-6);
    const large = tensor([1000, 1001, -infinity]);
    const share = 1 / (1 + Math.E);
    assertCloseTo(await numbersOf(large.softmax()), [share, 1 - share, 0], 1e-6);
    assertCloseTo(await numbersOf(grad((z: Tensor) => z.logSumExp())(large)), [share, 1 - share, 0], 1e-6);
  });

  it("equal elements: no deviation, and no gradient of it or of a norm of 0", async () => {
    const x = tensor([3, 3, 3]);
    assert.equal(await x.std().item(), 0);
    assert.deepEqual(await numbersOf(grad((z: Tensor) => z.std())(x)), [0, 0, 0]);
    assert.deepEqual(await numbersOf(grad((z: Tensor) => z.norm())(zeros([3]))), [0, 0, 0]);
  });

  it("a variance far from 0 does not cancel", async () => {
    assertCloseTo([await tensor([10_000, 10_001, 10_002]).var().item()], [1], 1e-6);
  });

  it("a sample of one has no variance", async () => {
    assert.ok(Number.isNaN(await tensor([3]).var().item()));
    assert.equal(await tensor([3]).var(0, { correction: 0 }).item(), 0);
  });

  it("the first of equal extremes is the position", async () => {
    const x = tensor([
      [1, 3, 3],
      [0, 0, 2],
    ]);
    assert.deepEqual(await numbersOf(x.argMax(1)), [1, 2]);
    assert.deepEqual(await numbersOf(x.argMin(1)), [0, 0]);
    const kept = await x.argMax(undefined, { keepAxes: true }).toData();
    assert.deepEqual([kept.shape, Number(kept.data[0])], [[1, 1], 1]);
  });

  it("positions, truths and sums of whole numbers", async () => {
    for (const dtype of ["int32", "int64", "uint8"] as const) {
      const x = tensor([2, 0, 5, 1], dtype);
      assert.equal(await x.argMax().item(), 2, dtype);
      assert.equal(await x.argMin().item(), 1, dtype);
      assert.deepEqual(
        [await x.any().item(), await x.all().item(), await x.countNonzero().item()],
        [1, 0, 3],
      );
    }
    assert.deepEqual(await numbersOf(tensor([1, 2, 3], "int32").cumsum(0)), [1, 3, 6]);
    assert.deepEqual(await numbersOf(tensor([1, 2, 3], "int64").cumprod(0)), [1, 2, 6]);
  });

  it("an empty batch", async () => {
    const x = fromData("float32", new Float32Array(0), [0, 3]);
    for (const result of [
      x.softmax(),
      x.logSumExp(1),
      x.std(1),
      x.norm(1),
      x.cumsum(1),
      x.any(1),
      x.argMax(1),
    ])
      assert.equal((await (result as Tensor).data()).length, 0);
  });
});

describe("functions and reductions over a batch whose size is known only when they run", () => {
  const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    softmax: (x) => x.softmax(),
    "softmax over the batch": (x) => x.softmax(0),
    logSoftmax: (x) => x.logSoftmax(0),
    "logSumExp over the batch": (x) => x.logSumExp(0),
    "logSumExp of all": (x) => x.logSumExp(),
    "var of all": (x) => x.var(),
    "var over the batch": (x) => x.var(0, { correction: 0 }),
    std: (x) => x.std(0, { keepAxes: true }),
    norm: (x) => x.norm(1),
    "norm of all": (x) => x.norm(),
    prod: (x) => x.prod(0),
    "cumsum over the batch": (x) => x.cumsum(0),
    cumprod: (x) => x.cumprod(1),
    any: (x) => x.greater(1).any(0),
    all: (x) => x.greater(-1).all(1, { keepAxes: true }),
    countNonzero: (x) => x.greater(0).countNonzero(),
    "argMax of all": (x) => x.argMax(),
    argMin: (x) => x.argMin(0),
    prelu: (x) => prelu(x, tensor([0.5, 0.25, -1]) as Tensor),
    leakyRelu: (x) => leakyRelu(x, 0.3),
    hypot: (x) => hypot(x, ones([3])),
    remainder: (x) => x.remainder(0.7),
    clip: (x) => x.clip(0),
    trunc: (x) => x.mul(3).trunc(),
    expm1: (x) => x.expm1(),
    log1p: (x) => x.abs().log1p(),
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
        await using session = await Session.create(encodeModel(model));
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
    ["the sine of whole numbers", () => whole.sin(), /Sin takes floating numbers, not int64 \[2\].*cast/],
    ["the logarithm of whole numbers", () => whole.log1p(), /is no int64; convert the tensor with cast/],
    ["half of whole numbers", () => whole.mul(0.5), /^0.5 is no int64/],
    ["a limit that whole numbers don't have", () => whole.clip(0.5), /^0.5 is no int64/],
    ["softmax of whole numbers", () => whole.softmax(), /Softmax takes floating numbers/],
    ["and of numbers", () => x.and(x), /And takes bools, not float32/],
    ["not of numbers", () => x.not(), /Not takes bools, not float32/],
    ["an axis that is not there", () => x.softmax(2), /no axis 2/],
    ["an axis of argMax that is not there", () => x.argMax(-3), /no axis -3/],
    ["a norm of another order", () => x.norm(0, { order: 3 }), /order is 1, 2 or Infinity, not 3/],
    ["elu with alpha 0", () => elu(x, 0), /elu: alpha must be positive, not 0/],
    ["celu with a negative alpha", () => celu(x, -1), /celu: alpha must be positive, not -1/],
    ["slopes that do not stretch", () => prelu(x, ones([2, 2, 3])), /slopes of \[2, 2, 3\] do not stretch/],
    [
      "cumprod along an axis of unknown size",
      () => new Tensor(input("x", "float32", ["batch", 3])).cumprod(0),
      /the size of axis 0 of \[batch, 3\] must be known/,
    ],
  ];
  for (const [name, construct, message] of invalid)
    it(name, () => {
      assert.throws(construct, (error) => error instanceof GraphError && message.test(error.message));
    });
});
