/** @file Convolutions in blocks of channels, for training on the CPU, give what the graph's own give. */
import assert from "node:assert/strict";
import {
  concat,
  conv2d,
  decodeOnnx,
  encodeOnnx,
  pad,
  Session,
  toOnnx,
  valueAndGrad,
  type Tensor,
} from "../../../ml/graph/index.ts";
import { withBlockedConvolutions } from "../../../ml/graph/runtime/blocked-convolutions.ts";
import { blockedDomain, hasBlockedLayout } from "../../../ml/graph/runtime/blocked-layout.ts";
import { forCpu } from "../../../ml/graph/runtime/for-cpu.ts";
import type { OnnxModel } from "../../../ml/graph/onnx/model.ts";
import { Random } from "../../../ml/random.ts";

const random = new Random(7);
const numbers = (count: number): Float32Array =>
  Float32Array.from({ length: count }, () => random.uniform() - 0.5);
const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);

interface Case {
  readonly title: string;
  readonly x: readonly number[];
  readonly weight: readonly number[];
  readonly options?: { readonly stride?: number; readonly padding?: number; readonly dilation?: number };
  /** How many convolutions become such in blocks: of the image, of its gradient, of the weight's. */
  readonly blocked: number;
}

const cases: readonly Case[] = [
  { title: "few channels", x: [32, 8, 9, 7], weight: [16, 8, 3, 3], options: { padding: 1 }, blocked: 3 },
  { title: "fewer channels", x: [16, 6, 14, 14], weight: [16, 6, 5, 5], blocked: 2 },
  { title: "one channel", x: [16, 1, 8, 9], weight: [32, 1, 2, 3], blocked: 2 },
  { title: "two blocks", x: [16, 32, 6, 5], weight: [48, 32, 3, 3], options: { padding: 1 }, blocked: 2 },
  { title: "much padding", x: [16, 12, 5, 6], weight: [16, 12, 3, 4], options: { padding: 2 }, blocked: 3 },
  {
    title: "more padding than kernel",
    x: [16, 16, 4, 4],
    weight: [16, 16, 2, 2],
    options: { padding: 2 },
    blocked: 1,
  },
  { title: "a batch that is no whole number of blocks", x: [5, 8, 6, 6], weight: [16, 8, 3, 3], blocked: 2 },
  { title: "large images", x: [16, 2, 20, 20], weight: [16, 2, 3, 3], blocked: 1 },
  { title: "strides", x: [16, 16, 9, 9], weight: [16, 16, 3, 3], options: { stride: 2 }, blocked: 1 },
  { title: "dilations", x: [16, 16, 9, 9], weight: [16, 16, 3, 3], options: { dilation: 2 }, blocked: 1 },
  { title: "channels that make no whole block", x: [16, 24, 6, 6], weight: [16, 24, 3, 3], blocked: 1 },
  { title: "few output channels", x: [16, 8, 6, 6], weight: [12, 8, 3, 3], blocked: 0 },
  { title: "kernels of one element", x: [16, 16, 6, 6], weight: [16, 16, 1, 1], blocked: 0 },
];

describe("convolutions in blocks for training on the CPU", () => {
  let isHere = false;
  before(async () => {
    isHere = await hasBlockedLayout();
    if (!isHere)
      console.log("      this processor has no blocks of 16 channels: only the rewriting is tested");
  });

  for (const { title, x, weight, options = {}, blocked } of cases)
    for (const activation of ["alone", "with a rectifier"])
      it(`${title}, ${activation}`, async () => {
        const model = trained(x, weight, (image, kernels, bias) => {
          // SAFETY: the shapes are those of the case.
          const seen = conv2d(image as never, kernels as never, { ...options, bias } as never) as Tensor;
          return activation === "alone" ? seen : seen.relu();
        });
        const adapted = withBlockedConvolutions(model);
        const found = adapted.graph.nodes.filter(
          ({ operator, domain }) => operator === "Conv" && domain === blockedDomain,
        );
        assert.equal(found.length, blocked);
        if (blocked === 0) assert.equal(adapted, model);
        if (blocked === 0 || !isHere) return;
        const inputs = {
          x: { dtype: "float32", data: numbers(product(x)), shape: x },
          weight: { dtype: "float32", data: numbers(product(weight)), shape: weight },
          bias: { dtype: "float32", data: numbers(weight[0] ?? 0), shape: [weight[0] ?? 0] },
        } as const;
        const [expected, actual] = [await results(model, inputs), await results(adapted, inputs)];
        for (const [name, numbersOf] of Object.entries(expected)) {
          const off = distance(actual[name] ?? [], numbersOf);
          assert.ok(off < 3e-6, `${name} is off by ${off}`);
        }
      });

  it("leave a gradient whose image the program has filled up itself", async () => {
    const [x, weight] = [
      [4, 16, 8, 8],
      [16, 8, 3, 3],
    ];
    const loss = (parameters: Record<"x" | "weight", Tensor>): Tensor => {
      // SAFETY: the shapes are those above.
      const filled = (pad(parameters.x as never, [[0, 4], 0, 0, 0] as never) as Tensor).transpose([
        1, 0, 2, 3,
      ]);
      return (conv2d(filled as never, parameters.weight as never) as Tensor).square().sum() as Tensor;
    };
    const model = gradientsOf(loss as never, {
      x: { dtype: "float32", shape: x },
      weight: { dtype: "float32", shape: weight },
    });
    if (!isHere) return;
    const inputs = {
      x: { dtype: "float32", data: numbers(product(x)), shape: x },
      weight: { dtype: "float32", data: numbers(product(weight)), shape: weight },
    } as const;
    const expected = await results(model, inputs);
    const actual = await results(withBlockedConvolutions(model), inputs);
    for (const [name, numbersOf] of Object.entries(expected))
      assert.ok(distance(actual[name] ?? [], numbersOf) < 3e-6, name);
  });

  for (const [title, compute] of [
    ["a value that others need too", (seen: Tensor) => ({ both: concat([seen, seen.relu()], 0) })],
    ["a value that leaves the program", (seen: Tensor) => ({ seen, rectified: seen.relu() })],
  ] as const)
    it(`keep ${title}`, async () => {
      const [x, weight] = [
        [16, 16, 6, 6],
        [16, 16, 3, 3],
      ];
      const model = decodeOnnx(
        toOnnx(
          // SAFETY: the shapes are those below.
          (inputs) => compute(conv2d(inputs.x as never, inputs.weight as never) as Tensor),
          { x: { dtype: "float32", shape: x }, weight: { dtype: "float32", shape: weight } },
        ),
      );
      const adapted = withBlockedConvolutions(model);
      assert.notEqual(adapted, model);
      if (!isHere) return;
      const inputs = {
        x: { dtype: "float32", data: numbers(product(x)), shape: x },
        weight: { dtype: "float32", data: numbers(product(weight)), shape: weight },
      } as const;
      const [expected, actual] = [await results(model, inputs), await results(adapted, inputs)];
      for (const [name, numbersOf] of Object.entries(expected))
        assert.ok(distance(actual[name] ?? [], numbersOf) < 3e-6, name);
    });

  it("leave what is in half or double precision as it is", () => {
    for (const dtype of ["float64", "float16"] as const) {
      const model = decodeOnnx(
        toOnnx(({ x, weight }) => ({ seen: conv2d(x as never, weight as never) as Tensor }), {
          x: { dtype, shape: [16, 16, 6, 6] },
          weight: { dtype, shape: [16, 16, 3, 3] },
        }),
      );
      assert.equal(withBlockedConvolutions(model), model);
    }
  });

  it("leave programs without convolutions as they are", async () => {
    const bytes = toOnnx(({ a }) => ({ b: a.mul(2) }), { a: { dtype: "float32", shape: [3] } });
    assert.equal(await forCpu(bytes), bytes);
  });
});

/** A program of a convolution's loss and the gradients of all that goes into it. */
function trained(
  x: readonly number[],
  weight: readonly number[],
  compute: (x: Tensor, weight: Tensor, bias: Tensor) => Tensor,
): OnnxModel {
  const loss = (parameters: Record<"x" | "weight" | "bias", Tensor>): Tensor =>
    compute(parameters.x, parameters.weight, parameters.bias).square().sum() as Tensor;
  return gradientsOf(loss as never, {
    x: { dtype: "float32", shape: [...x] },
    weight: { dtype: "float32", shape: [...weight] },
    bias: { dtype: "float32", shape: [weight[0] ?? 0] },
  });
}

/** A program of a loss and its gradients by all inputs. */
function gradientsOf(loss: never, inputs: Parameters<typeof toOnnx>[1]): OnnxModel {
  return decodeOnnx(
    toOnnx((given) => {
      // SAFETY: a tree of tensors by name has its gradients by name.
      const { value, gradient } = valueAndGrad(loss)(given as never) as unknown as {
        readonly value: Tensor;
        readonly gradient: Readonly<Record<string, Tensor>>;
      };
      return {
        value,
        ...Object.fromEntries(Object.entries(gradient).map(([name, each]) => [`slope of ${name}`, each])),
      };
    }, inputs),
  );
}

async function results(
  model: OnnxModel,
  inputs: Parameters<Session["run"]>[0],
): Promise<Record<string, ArrayLike<number>>> {
  await using session = await Session.create(encodeOnnx(model));
  const found = await session.run(
    inputs,
    Object.fromEntries(session.outputNames.map((name) => [name, null])),
  );
  return Object.fromEntries(
    Object.entries(found).map(([name, { data }]) => [name, Float64Array.from(data as Float32Array)]),
  );
}

/** The norm of the difference by that of what is expected. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    error += ((actual[index] ?? Number.NaN) - (expected[index] ?? 0)) ** 2;
    size += (expected[index] ?? 0) ** 2;
  }
  return Math.sqrt(error / size);
}
