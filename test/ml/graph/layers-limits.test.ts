/** @file Layers at their limits: sizes that are not known, ties, extreme scores, models of others, shapes that do not fit. */
import assert from "node:assert/strict";
import { fromData, ones, randn, tensor, zeros } from "../../../ml/graph/create.ts";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import { GraphError } from "../../../ml/graph/errors.ts";
import { crossEntropy, nllLoss } from "../../../ml/graph/functions/class-losses.ts";
import { conv2d, convTranspose2d } from "../../../ml/graph/functions/convolution.ts";
import { mseLoss } from "../../../ml/graph/functions/losses.ts";
import { batchNormTraining, groupNorm, layerNorm } from "../../../ml/graph/functions/normalization.ts";
import { adaptiveAvgPool2d, avgPool2d, maxPool2d } from "../../../ml/graph/functions/pooling.ts";
import { gradients } from "../../../ml/graph/gradients.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { apply } from "../../../ml/graph/ops/apply.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { grad } from "../../../ml/graph/transforms/grad.ts";
import { input, type Attributes, type Value } from "../../../ml/graph/value.ts";
import { assertCloseTo } from "../close-to.ts";

const square = (x: Tensor): Tensor<readonly []> => x.square().sum();

/** The slopes of a function between nearby points, in float32 with a step that its rounding allows. */
async function slopes(of: (x: Tensor) => Tensor<readonly []>, x: Tensor, step = 0.05): Promise<number[]> {
  const data: Float32Array = await x.data();
  const found: number[] = [];
  for (const index of data.keys()) {
    const at = async (move: number): Promise<number> => {
      const moved = data.slice();
      moved[index] = (moved[index] ?? 0) + move;
      return of(fromData("float32", moved, x.shape)).item();
    };
    found.push(((await at(step)) - (await at(-step))) / (2 * step));
  }
  return found;
}

describe("layers whose batch is known only when they run", () => {
  it("a network's loss and gradients are those of the known batch", async () => {
    const x = randn([3, 2, 8, 8], { seed: 1 });
    const labels = tensor([1, 0, 3], "int64");
    const parameters = [
      randn([8, 2, 3, 3], { seed: 2 }),
      randn([4, 4, 3, 3], { seed: 3 }),
      ones([4]),
      zeros([4]),
      randn([4, 4, 2, 2], { seed: 4 }),
      randn([4, 4, 3, 3], { seed: 5 }),
    ].map((each) => each as Tensor);
    const loss = (images: Tensor, classes: Tensor, weights: readonly Tensor[]): Value => {
      const [w0, w1, weight, bias, w2, w3] = weights;
      const running = { mean: zeros([4]), variance: ones([4]) };
      let h: Tensor = maxPool2d(conv2d(images, w0!, { padding: 1, stride: 2 }), 3, { stride: 1, padding: 1 });
      h = conv2d(h, w1!, { padding: "same", groups: 2 });
      h = batchNormTraining(h, running, { weight: weight!, bias: bias! }).output.relu();
      h = avgPool2d(convTranspose2d(h, w2!, { stride: 2 }), 3, { stride: 2, padding: 1 });
      h = groupNorm(conv2d(h, w3!, { padding: 1 }), 2);
      return crossEntropy(adaptiveAvgPool2d(h, [1, 1]).reshape([-1, 4]), classes).value;
    };
    const results: number[][] = [];
    for (const batch of [3, "batch"]) {
      const images = input("images", "float32", [batch, 2, 8, 8]);
      const classes = input("classes", "int64", [batch]);
      const value = loss(new Tensor(images), new Tensor(classes), parameters);
      const found = gradients(value, [images, ...parameters.map((each) => each.value)]);
      const outputs = Object.fromEntries(found.map((each, index) => [`gradient ${index}`, each!]));
      const { model } = lower([images, classes], { loss: value, ...outputs });
      await using session = await Session.create(encodeOnnx(model));
      const fed = { images: await x.toData(), classes: await labels.toData() };
      const ran = await session.run(fed, Object.fromEntries(session.outputNames.map((name) => [name, null])));
      results.push(Object.values(ran).flatMap(({ data }) => Array.from(data, Number)));
    }
    const [known, symbolic] = results;
    assert.ok(known!.length > 500 && known!.some((each) => Math.abs(each) > 1e-3));
    assertCloseTo(symbolic!, known!, 1e-5);
  });

  it("names of sizes that a convolution keeps stay", () => {
    const x = new Tensor(input("x", "float32", ["batch", 3, "height", 8]));
    assert.deepEqual(conv2d(x, ones([4, 3, 3, 3]), { padding: 1 }).shape, ["batch", 4, "height", 8]);
    assert.deepEqual(conv2d(x, ones([4, 3, 3, 3])).shape, ["batch", 4, "height-2", 6]);
  });
});

describe("max pooling after ReLU", () => {
  it("masks the pooled gradient, and computes what masking each element does", async () => {
    const x = randn([2, 3, 5, 4], { seed: 6 });
    const weights = randn([2, 3, 2, 2], { seed: 16 });
    const pooled = (y: Tensor): Tensor<readonly []> => maxPool2d(y.relu(), 2).mul(weights).sum();
    const gradient = grad(pooled)(x);
    const { model } = lower([], { gradient: gradient.value });
    const masks = model.graph.nodes.filter(({ operator }) => operator === "Greater");
    const pools = model.graph.nodes.filter(({ operator }) => operator === "MaxPool");
    assert.deepEqual(masks.map(({ inputs: [masked] }) => masked), pools.flatMap(({ outputs }) => outputs)); // prettier-ignore
    const found: Float32Array = await gradient.data();
    assertCloseTo(found, await slopes(pooled, x, 0.001), 0.01);
    assert.ok(found.some((each) => each !== 0));
  });
});

describe("gradients of layers' gradients", () => {
  const x = randn([2, 2, 4, 4], { seed: 7 });
  const weight = randn([3, 2, 3, 3], { seed: 8 });
  const other = randn([2, 2, 4, 4], { seed: 9 });
  const cases: readonly (readonly [string, (x: Tensor) => Tensor<readonly []>])[] = [
    ["conv2d", (y) => square(conv2d(y, weight, { padding: 1, stride: 2 }))],
    ["avgPool2d", (y) => square(avgPool2d(y, 3, { stride: 1, padding: 1 }))],
    ["layerNorm", (y) => square(layerNorm(y, [4]).add(other))],
    ["groupNorm", (y) => square(groupNorm(y, 2).add(other))],
  ];
  for (const [name, compute] of cases) {
    it(name, async () => {
      const first = (y: Tensor): Tensor<readonly []> => square(grad(compute)(y));
      const expected = await slopes(first, x, 0.01);
      const scale = Math.max(...expected.map(Math.abs));
      assert.ok(scale > 0.1);
      assertCloseTo(await grad(first)(x).data(), expected, 0.005 * scale);
    });
  }
});

describe("layers at their limits", () => {
  it("each of several equal largest elements receives a window's gradient", async () => {
    const x = tensor([[[[1, 1, 0], [0, 1, 2], [0, 0, 2]]]]); // prettier-ignore
    const whole = grad((y: Tensor) => maxPool2d(y, 3).sum())(x);
    assertCloseTo(await whole.data(), [0, 0, 0, 0, 0, 1, 0, 0, 1], 0);
    const overlapping = grad((y: Tensor) => maxPool2d(y, 2, { stride: 1 }).sum())(x);
    assertCloseTo(await overlapping.data(), [1, 1, 0, 0, 2, 2, 0, 0, 1], 0);
  });

  it("cross-entropy of scores far out is finite, and right", async () => {
    const logits = tensor([[1000, -1000], [-1000, 1000]]); // prettier-ignore
    const loss = (z: Tensor): Tensor<readonly []> => crossEntropy(z, tensor([0, 0], "int64"));
    assertCloseTo([await loss(logits).item()], [1000], 1e-3);
    assertCloseTo(await grad(loss)(logits).data(), [0, 0, -0.5, 0.5], 1e-6);
  });

  it("examples that don't count have neither loss nor gradient", async () => {
    const logits = randn([2, 3], { seed: 4 });
    const classes = tensor([-100, 1], "int64");
    const loss = (z: Tensor): Tensor => crossEntropy(z, classes, { ignoreIndex: -100, reduction: "none" });
    assert.equal((await loss(logits).data())[0], 0);
    assertCloseTo((await grad((z: Tensor) => loss(z).sum())(logits).data()).slice(0, 3), [0, 0, 0], 0);
  });

  it("batch statistics of a large offset keep their precision", async () => {
    const x = randn([64, 1, 4], { seed: 5 }).add(1000);
    const running = { mean: zeros([1]), variance: ones([1]) };
    const { output } = batchNormTraining(x, running, { momentum: 1 });
    const data: Float32Array = await output.data();
    const mean = data.reduce((a, b) => a + b, 0) / data.length;
    assertCloseTo([mean, data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length], [0, 1], 1e-3);
  });
});

describe("operators as other programs' models have them", () => {
  const models: readonly (readonly [string, string, readonly (readonly number[])[], Attributes, readonly number[]])[] =
    [
      ["Conv, padded by rule at the end", "Conv", [[1, 2, 7, 6], [2, 2, 4, 3]], { auto_pad: { text: "SAME_UPPER" }, strides: { ints: [2, 2] } }, [1, 2, 4, 3]],
      ["Conv, padded by rule at the start", "Conv", [[1, 2, 5, 5], [2, 2, 2, 2]], { auto_pad: { text: "SAME_LOWER" } }, [1, 2, 5, 5]],
      ["Conv, uneven padding", "Conv", [[1, 2, 5, 5], [2, 2, 3, 3]], { pads: { ints: [0, 1, 2, 0] } }, [1, 2, 5, 4]],
      ["ConvTranspose to a given size", "ConvTranspose", [[1, 2, 3, 3], [2, 2, 3, 3]], { output_shape: { ints: [6, 7] }, strides: { ints: [2, 2] } }, [1, 2, 6, 7]],
      ["MaxPool, rounded up", "MaxPool", [[1, 2, 6, 7]], { kernel_shape: { ints: [3, 3] }, strides: { ints: [2, 2] }, ceil_mode: { int: 1 } }, [1, 2, 3, 3]],
      ["MaxPool, side by side, rounded up", "MaxPool", [[1, 1, 5, 5]], { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] }, ceil_mode: { int: 1 } }, [1, 1, 3, 3]],
      ["AveragePool, rounded up", "AveragePool", [[1, 2, 6, 7]], { kernel_shape: { ints: [3, 2] }, strides: { ints: [2, 2] }, ceil_mode: { int: 1 } }, [1, 2, 3, 4]],
      ["InstanceNormalization", "InstanceNormalization", [[2, 3, 4], [3], [3]], { epsilon: { float: 0.01 } }, [2, 3, 4]],
      ["GlobalAveragePool", "GlobalAveragePool", [[2, 2, 3, 3]], {}, [2, 2, 1, 1]],
      ["GlobalMaxPool", "GlobalMaxPool", [[2, 2, 3, 3]], {}, [2, 2, 1, 1]],
    ]; // prettier-ignore
  for (const [title, operator, shapes, attributes, expected] of models) {
    it(title, async () => {
      const inputs = shapes.map((shape, index) => randn(shape, { seed: index + 11 }));
      const compute = (x: Tensor): Tensor => {
        const rest = inputs.slice(1).map((each) => each.value);
        return new Tensor(apply(operator, [x.value, ...rest], attributes));
      };
      const [x] = inputs;
      const result = await compute(x!).toData();
      assert.deepEqual([compute(x!).shape, result.shape], [expected, expected]);
      const weights = randn(expected, { seed: 21 });
      const loss = (y: Tensor): Tensor<readonly []> => square(compute(y).mul(weights));
      const found: Float32Array = await grad(loss)(x!).data();
      const step = operator.includes("Max") ? 0.002 : 0.05;
      const near = await slopes(loss, x!, step);
      assertCloseTo(found, near, 0.01 * Math.max(...near.map(Math.abs)));
    });
  }
});

describe("layers that cannot be", () => {
  const x = randn([2, 3, 8, 8], { seed: 1 }) as Tensor;
  const weight = (...shape: number[]): Tensor => randn(shape, { seed: 2 });
  const running = { mean: zeros([1]), variance: ones([1]) };
  const invalid: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["channels that do not fit", () => conv2d(x, weight(4, 2, 3, 3)), /has 3 channels, the weight \[4, 2, 3, 3\] takes 2/],
    ["groups that do not divide", () => conv2d(x, weight(4, 1, 3, 3), { groups: 3 }), /4 output channels do not divide into 3/],
    ["a kernel larger than the image", () => conv2d(x, weight(4, 3, 9, 9)), /a window of 9 is larger than \[8, 8\]/],
    ["padding by rule with a stride", () => conv2d(x, weight(4, 3, 3, 3), { padding: "same", stride: 2 }), /stride of 1/],
    ["a stride of 0", () => conv2d(x, weight(4, 3, 3, 3), { stride: 0 }), /stride or dilation of 0/],
    ["a bias of another size", () => conv2d(x, weight(4, 3, 3, 3), { bias: weight(3) }), /the bias \[3\] has not one element/],
    ["an image without channels", () => conv2d(weight(2, 8, 8), weight(4, 3, 3, 3)), /batch and channels first/],
    ["padding beyond half a window", () => maxPool2d(x, 2, { padding: 2 }), /more than half a window/],
    ["parts that do not divide", () => adaptiveAvgPool2d(x, [3, 3]), /\[2, 3, 8, 8\] does not divide into \[3, 3\]/],
    ["groups of channels that do not divide", () => groupNorm(x, 2), /into 2 groups of channels/],
    ["other last axes", () => layerNorm(x, [7]), /does not end in \[7\]/],
    ["statistics of one element", () => batchNormTraining(weight(1, 1, 1), running), /one element in each channel/],
    ["class numbers of the wrong shape", () => crossEntropy(weight(4, 3), tensor([1, 2], "int64") as Tensor), /do not fit/],
    ["class numbers that are no integers", () => nllLoss(weight(4, 3), weight(4)), /int32 or int64, not float32/],
    ["predictions and targets that differ", () => mseLoss(weight(4), weight(4, 1)), /\[4\] and targets \[4, 1\] differ/],
  ]; // prettier-ignore
  for (const [name, construct, message] of invalid) {
    it(name, () => {
      assert.throws(construct, (error) => error instanceof GraphError && message.test(error.message));
    });
  }
});
