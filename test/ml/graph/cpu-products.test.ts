/** @file Gradients of convolutions in the form that is for training on the CPU say the same as the graph's own. */
import assert from "node:assert/strict";
import {
  conv2d,
  decodeOnnx,
  encodeOnnx,
  grad,
  Session,
  toOnnx,
  type Tensor,
} from "../../../ml/graph/index.ts";
import { withProductsByRows } from "../../../ml/graph/runtime/cpu-products.ts";
import { Random } from "../../../ml/random.ts";

const random = new Random(6);
const numbers = (count: number): Float32Array =>
  Float32Array.from({ length: count }, () => random.uniform() - 0.5);

interface Case {
  readonly title: string;
  readonly x: readonly [number, ...number[]];
  readonly weight: readonly number[];
  readonly options?: { readonly stride?: number; readonly padding?: number; readonly dilation?: number };
  /** The form that the loss has of what the convolution gives. */
  readonly reshaped?: readonly number[];
  /** Whether the form is for it. */
  readonly isAdapted: boolean;
}

const cases: readonly Case[] = [
  { title: "of grey images", x: [32, 1, 12, 10], weight: [6, 1, 5, 3], isAdapted: true },
  {
    title: "of a prime number of rows",
    x: [40, 3, 11, 9],
    weight: [4, 3, 3, 3],
    options: { padding: 1 },
    isAdapted: false,
  },
  { title: "padded", x: [40, 3, 10, 9], weight: [4, 3, 3, 3], options: { padding: 1 }, isAdapted: true },
  { title: "much padded", x: [64, 2, 5, 6], weight: [3, 2, 4, 2], options: { padding: 3 }, isAdapted: true },
  {
    title: "with strides",
    x: [40, 2, 13, 13],
    weight: [4, 2, 3, 3],
    options: { stride: 2 },
    isAdapted: false,
  },
  {
    title: "with dilations",
    x: [40, 2, 14, 13],
    weight: [4, 2, 3, 3],
    options: { dilation: 2 },
    isAdapted: false,
  },
  { title: "of few images", x: [3, 1, 12, 10], weight: [6, 1, 5, 3], isAdapted: false },
  {
    title: "of one output channel, whose values are put in another form",
    x: [32, 2, 12, 12],
    weight: [1, 2, 3, 3],
    reshaped: [32, 10, 10, 1],
    isAdapted: true,
  },
  { title: "of one element", x: [64, 2, 8, 8], weight: [4, 2, 1, 1], isAdapted: false },
];

describe("gradients of convolutions for training on the CPU", () => {
  for (const { title, x, weight, options = {}, reshaped, isAdapted } of cases)
    it(`${title}: ${isAdapted ? "by rows, and the same" : "as they are"}`, async () => {
      const convolve = (a: Tensor, b: Tensor): Tensor =>
        // SAFETY: the shapes are those of the case.
        conv2d(a as never, b as never, options) as Tensor;
      const loss = (b: Tensor, a: Tensor): Tensor => {
        const seen = convolve(a, b);
        const shown = reshaped ? (seen.reshape(reshaped as never) as Tensor) : seen;
        return shown.square().sum() as Tensor;
      };
      const model = decodeOnnx(
        toOnnx(
          ({ x: a, weight: b }) => ({
            slope: (grad(loss as never) as (b: Tensor, a: Tensor) => Tensor)(b as Tensor, a as Tensor),
          }),
          { x: { dtype: "float32", shape: [...x] }, weight: { dtype: "float32", shape: [...weight] } },
        ),
      );
      const adapted = withProductsByRows(model);
      assert.equal(adapted !== model, isAdapted);
      if (!isAdapted) return;
      const groups = adapted.graph.nodes.filter(({ attributes }) => "group" in attributes);
      assert.equal(groups.length, 0, "the convolution by examples is gone");
      const inputs = {
        x: { dtype: "float32", data: numbers(product(x)), shape: x },
        weight: { dtype: "float32", data: numbers(product(weight)), shape: weight },
      } as const;
      const slopes: ArrayLike<number>[] = [];
      for (const each of [model, adapted]) {
        await using session = await Session.create(encodeOnnx(each));
        const { slope } = await session.run(inputs, { slope: null });
        assert.deepEqual(slope?.shape, weight);
        slopes.push(Float64Array.from(slope.data as Float32Array));
      }
      const [expected = [], actual = []] = slopes;
      let [error, size] = [0, 0];
      for (let index = 0; index < expected.length; index++) {
        error += ((actual[index] ?? Number.NaN) - (expected[index] ?? 0)) ** 2;
        size += (expected[index] ?? 0) ** 2;
      }
      assert.ok(Math.sqrt(error / size) < 2e-6, `off by ${Math.sqrt(error / size)}`);
    });
});

const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);
