/** @file Gradients of convolutions in the form that is for devices say the same; run on the CPU here. */
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
import { forWebGpu } from "../../../ml/graph/runtime/webgpu-operators.ts";
import { Random } from "../../../ml/random.ts";

const random = new Random(5);
const numbers = (count: number): Float32Array =>
  Float32Array.from({ length: count }, () => random.uniform() - 0.5);

interface Case {
  readonly title: string;
  readonly x: readonly [number, ...number[]];
  readonly weight: readonly number[];
  readonly options?: { readonly stride?: number; readonly padding?: number; readonly dilation?: number };
}

const cases: readonly Case[] = [
  { title: "of images", x: [3, 8, 7, 6], weight: [5, 8, 3, 2] },
  {
    title: "with strides, padding and dilation",
    x: [2, 9, 11, 12],
    weight: [4, 9, 3, 3],
    options: { stride: 2, padding: 2, dilation: 2 },
  },
  { title: "of one element", x: [4, 8, 5, 5], weight: [6, 8, 1, 1] },
];

describe("gradients of convolutions for WebGPU", () => {
  for (const { title, x, weight, options = {} } of cases)
    for (const batch of ["batch", x[0]] as const)
      it(`${title}, ${batch === "batch" ? "any batch" : `a batch of ${batch}`}`, async () => {
        const convolve = (a: Tensor, b: Tensor): Tensor =>
          // SAFETY: the shapes are those of the case.
          conv2d(a as never, b as never, options) as Tensor;
        const loss = (b: Tensor, a: Tensor): Tensor => convolve(a, b).square().sum() as Tensor;
        const model = toOnnx(
          ({ x: a, weight: b }) => ({
            slope: (grad(loss as never) as (b: Tensor, a: Tensor) => Tensor)(b as Tensor, a as Tensor),
          }),
          {
            x: { dtype: "float32", shape: [batch, ...x.slice(1)] },
            weight: { dtype: "float32", shape: [...weight] },
          },
        );
        const decoded = decodeOnnx(model);
        const adapted = forWebGpu(decoded);
        const operators = (of: typeof decoded): readonly string[] =>
          of.graph.nodes.map(({ operator }) => operator);
        assert.ok(operators(decoded).includes("Gemm"));
        assert.ok(!operators(adapted).includes("Gemm"));
        assert.ok(operators(adapted).includes("ReduceSum"));
        const size = (shape: readonly number[]): number => shape.reduce((product, each) => product * each, 1);
        const feeds = {
          x: { dtype: "float32", data: numbers(size(x)), shape: x },
          weight: { dtype: "float32", data: numbers(size(weight)), shape: weight },
        } as const;
        await using plain = await Session.create(model);
        await using device = await Session.create(encodeOnnx(adapted));
        const [{ slope: expected }, { slope: found }] = await Promise.all([
          plain.run(feeds, { slope: null }),
          device.run(feeds, { slope: null }),
        ]);
        assert.deepEqual(found?.shape, [...weight]);
        assert.deepEqual(found.shape, expected?.shape);
        for (let at = 0; at < size(weight); at++) {
          const [a, b] = [Number(found.data[at]), Number(expected?.data[at])];
          assert.ok(Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b)), `[${at}]: ${a} and ${b}`);
        }
      });

  it("leave other models as they are", () => {
    const model = decodeOnnx(toOnnx(({ x }) => ({ y: x.exp() }), { x: { dtype: "float32", shape: [3] } }));
    assert.equal(forWebGpu(model), model);
  });
});
