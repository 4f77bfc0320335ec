/**
 * @file Convolutions in groups, and what is computed by them (gradients of weights where there are few channels), against
 * the sums that define them, in float64. Groups of five, six and seven channels, and transposed ones of one channel, are
 * what ONNX Runtime's WebGPU provider gets wrong by itself.
 */
import assert from "node:assert/strict";
import { conv1d, conv2d, convTranspose1d, convTranspose2d } from "../../../ml/graph/functions/convolution.ts";
import { fromData } from "../../../ml/graph/create.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { forWebGpu } from "../../../ml/graph/runtime/webgpu-operators.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { grad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import { input } from "../../../ml/graph/value.ts";
import { Random } from "../../../ml/random.ts";

/** Sizes along two axes; the first is 1 for sequences. */
type Pair = readonly [number, number];

interface Case {
  readonly groups: number;
  /** Channels of a group. */
  readonly seen: number;
  readonly given: number;
  readonly kernel: Pair;
  readonly settings?: { readonly stride?: number; readonly padding?: number; readonly dilation?: number };
}

const sequences: readonly Case[] = [
  { groups: 1, seen: 3, given: 5, kernel: [1, 3] },
  { groups: 1, seen: 2, given: 6, kernel: [1, 3], settings: { dilation: 2 } },
  { groups: 1, seen: 1, given: 7, kernel: [1, 4], settings: { stride: 2, padding: 1 } },
  { groups: 1, seen: 9, given: 5, kernel: [1, 3], settings: { stride: 3 } },
  { groups: 2, seen: 1, given: 5, kernel: [1, 3] },
  { groups: 2, seen: 4, given: 1, kernel: [1, 3] },
  { groups: 4, seen: 3, given: 6, kernel: [1, 2], settings: { stride: 2 } },
  { groups: 3, seen: 2, given: 4, kernel: [1, 3], settings: { padding: 1 } },
];
const images: readonly Case[] = [
  { groups: 1, seen: 1, given: 6, kernel: [3, 3] },
  { groups: 1, seen: 3, given: 5, kernel: [2, 3], settings: { stride: 2, padding: 1 } },
  { groups: 2, seen: 3, given: 7, kernel: [3, 2] },
  { groups: 4, seen: 2, given: 10, kernel: [2, 2], settings: { dilation: 2 } },
  { groups: 3, seen: 4, given: 1, kernel: [3, 3] },
];

const batch = 2;
const random = new Random(11);
const numbers = (count: number): Float32Array =>
  Float32Array.from({ length: count }, () => random.uniform() - 0.5);
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Calls back for each product of a convolution: places of its input, its weight and its result. */
function eachProduct(
  { groups, seen, given, kernel, settings }: Case,
  image: Pair,
  visit: (input: number, weight: number, result: number) => void,
): Pair {
  const { stride = 1, padding = 0, dilation = 1 } = settings ?? {};
  const [height, width] = image;
  const along = (axis: 0 | 1): readonly [pad: number, count: number] => {
    // Nothing is added along the axis that sequences don't have.
    const pad = kernel[axis] === 1 && image[axis] === 1 ? 0 : padding;
    return [pad, Math.floor((image[axis] + 2 * pad - (kernel[axis] - 1) * dilation - 1) / stride) + 1];
  };
  const [top, rows] = along(0);
  const [left, columns] = along(1);
  for (let example = 0; example < batch; example++)
    for (let out = 0; out < groups * given; out++)
      for (let channel = 0; channel < seen; channel++)
        for (let place = 0; place < rows * columns * kernel[0] * kernel[1]; place++) {
          const at = place % (rows * columns);
          const tap = Math.floor(place / (rows * columns));
          const y = Math.floor(at / columns) * stride + Math.floor(tap / kernel[1]) * dilation - top;
          const x = (at % columns) * stride + (tap % kernel[1]) * dilation - left;
          if (y < 0 || x < 0 || y >= height || x >= width) continue;
          const from = (example * groups + Math.floor(out / given)) * seen + channel;
          visit(
            (from * height + y) * width + x,
            (out * seen + channel) * kernel[0] * kernel[1] + tap,
            (example * groups * given + out) * rows * columns + at,
          );
        }
  return [rows, columns];
}

function assertNear(actual: ArrayLike<number>, expected: Float64Array, what: string): void {
  assert.equal(actual.length, expected.length, what);
  const squares = expected.reduce((sum, each) => sum + each ** 2, 0);
  const errors = expected.reduce((sum, each, index) => sum + ((actual[index] ?? Number.NaN) - each) ** 2, 0);
  assert.ok(Math.sqrt(errors / squares) <= 1e-5, `${what} is off by ${Math.sqrt(errors / squares)}`);
}

function tests(title: string, cases: readonly Case[], image: Pair): void {
  const isFlat = image[0] === 1;
  const shaped = (rows: number, channels: number, sizes: Pair): readonly number[] =>
    isFlat ? [rows, channels, sizes[1]] : [rows, channels, ...sizes];
  for (const each of cases) {
    const { groups, seen, given, kernel, settings = {} } = each;
    const name = `${groups} × ${seen} to ${given} channels, ${JSON.stringify(settings)}`;
    const xs = numbers(batch * groups * seen * sizeOf(image));
    const weights = numbers(groups * given * seen * sizeOf(kernel));
    const counts = eachProduct(each, image, () => {});
    const slopes = numbers(batch * groups * given * sizeOf(counts));
    const x = fromData("float32", xs, shaped(batch, groups * seen, image)) as Tensor;
    const weight = fromData("float32", weights, shaped(groups * given, seen, kernel)) as Tensor;
    const slope = fromData("float32", slopes, shaped(batch, groups * given, counts)) as Tensor;
    // SAFETY (of these and the like): shapes are those of the case, of which the compiler knows nothing.
    const convolve = (isFlat ? conv1d : conv2d) as (...of: unknown[]) => Tensor;
    const transposed = (isFlat ? convTranspose1d : convTranspose2d) as (...of: unknown[]) => Tensor;

    it(`${title}, ${name}`, async () => {
      const expected = new Float64Array(slopes.length);
      eachProduct(each, image, (from, tap, to) => (expected[to]! += xs[from]! * weights[tap]!));
      const compute = jit((a: Tensor, b: Tensor): Tensor => convolve(a, b, { ...settings, groups }));
      assertNear(await (await compute(x, weight)).data(), expected, "the result");
      // A weight whose size only the run knows to ONNX Runtime's graph.
      const hidden = jit((a: Tensor, b: Tensor): Tensor => convolve(a, b.add(b), { ...settings, groups }));
      assertNear(
        await (await hidden(x, weight)).data(),
        expected.map((value) => 2 * value),
        "twice the result",
      );
    });

    it(`${title}, ${name}: gradients`, async () => {
      const ofWeight = new Float64Array(weights.length);
      const ofInput = new Float64Array(xs.length);
      eachProduct(each, image, (from, tap, to) => {
        ofWeight[tap]! += xs[from]! * slopes[to]!;
        ofInput[from]! += weights[tap]! * slopes[to]!;
      });
      const loss = ({ a, b }: { readonly a: Tensor; readonly b: Tensor }): Tensor<readonly []> =>
        convolve(a, b, { ...settings, groups })
          .mul(slope)
          .sum();
      const found = await jit(grad(loss))({ a: x, b: weight });
      assertNear(await found.b.data(), ofWeight, "the gradient of the weight");
      assertNear(await found.a.data(), ofInput, "the gradient of the input");
    });

    it(`${title}, ${name}: transposed, with a bias`, async () => {
      const bias = numbers(groups * seen);
      const { stride = 1, padding = 0, dilation = 1 } = settings;
      // The transposed one gives images of the least size that such a convolution makes the result of.
      const least = (axis: 0 | 1): number =>
        (counts[axis] - 1) * stride + (kernel[axis] - 1) * dilation + 1 - 2 * padding;
      const sizes: Pair = [isFlat ? 1 : least(0), least(1)];
      const expected = new Float64Array(batch * groups * seen * sizeOf(sizes));
      for (const [index] of expected.entries())
        expected[index] = bias[Math.floor(index / sizeOf(sizes)) % (groups * seen)]!;
      eachProduct(each, sizes, (from, tap, to) => (expected[from]! += weights[tap]! * slopes[to]!));
      const compute = jit((a: Tensor, b: Tensor, c: Tensor): Tensor =>
        transposed(a, b, { ...settings, groups, bias: c }),
      );
      const found = await compute(slope, weight, fromData("float32", bias, [bias.length]) as Tensor);
      assertNear(await found.data(), expected, "the transposed convolution");
    });
  }
}

describe("convolutions in groups", () => {
  tests("a sequence", sequences, [1, 14]);
  tests("an image", images, [7, 8]);

  it("are left as they are where the provider is right", () => {
    const isChanged = (out: number, groups: number): boolean => {
      const x = input("x", "float32", [2, 2 * groups, 9]);
      const weight = input("weight", "float32", [out, 2, 3]);
      const result = (conv1d as (...of: unknown[]) => Tensor)(new Tensor(x), new Tensor(weight), { groups });
      const { model } = lower([x, weight], { y: result.value });
      return forWebGpu(model) !== model;
    };
    assert.ok(!isChanged(5, 1), "no groups");
    assert.ok(!isChanged(6, 2), "three channels a group");
    assert.ok(!isChanged(8, 2), "four channels a group");
    assert.ok(!isChanged(15, 3), "nothing divides all of them");
    assert.ok(isChanged(10, 2), "five channels a group");
  });
});
