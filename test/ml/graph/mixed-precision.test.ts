import assert from "node:assert/strict";
import { randn, tensor } from "../../../ml/graph/create.ts";
import { RuntimeError } from "../../../ml/graph/errors.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { mean } from "../../../ml/graph/ops/reduce.ts";
import { provider } from "../../../ml/graph/shared-runtime.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { grad, valueAndGrad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import {
  choose,
  lossScale,
  mixedPrecision,
  scaledValueAndGrad,
} from "../../../ml/graph/transforms/mixed-precision.ts";
import { withGradient } from "../../../ml/graph/value.ts";

type Weights = { readonly a: Tensor; readonly b: Tensor };
const weights: Weights = { a: randn([16, 32], { seed: 1 }), b: randn([32, 4], { seed: 2 }) };
const x = randn([8, 16], { seed: 3 });

/** A perceptron with a softmax and a custom gradient: matrix products among what must stay in float32. */
function loss({ a, b }: Weights, rows: Tensor): Tensor<readonly []> {
  const hidden = rows.matmul(a).relu();
  const scores = hidden.matmul(b).mul(0.1);
  const shares = scores.exp().div(scores.exp().sum(1, { keepAxes: true }));
  const own = withGradient(shares.value, [shares.value], (gradient) => [new Tensor(gradient).mul(2).value]);
  return new Tensor(mean(new Tensor(own).log().neg().value));
}

function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let index = 0; index < expected.length; index++) {
    difference += ((actual[index] ?? Number.NaN) - (expected[index] ?? Number.NaN)) ** 2;
    size += (expected[index] ?? 0) ** 2;
  }
  return Math.sqrt(difference / size);
}

describe("mixed precision", () => {
  it("computes products of matrices in float16, forwards and backwards, and nothing else", () => {
    const { gradient } = valueAndGrad(mixedPrecision(loss))(weights, x);
    assert.equal(gradient.a.dtype, "float32");
    const { model, nodes } = lower([], { a: gradient.a.value, b: gradient.b.value });
    for (const { operator, name } of model.graph.nodes) {
      const dtype = nodes.get(name)?.outputs[0]?.dtype;
      if (operator === "MatMul" || operator === "Gemm") assert.equal(dtype, "float16", name);
      if (operator === "Exp" || operator === "Log" || operator === "Div")
        assert.equal(dtype, "float32", name);
    }
  });

  it("is as exact as float16 is, and gives float32", async () => {
    const exact = valueAndGrad(loss)(weights, x);
    const mixed = valueAndGrad(mixedPrecision(loss))(weights, x);
    assert.equal(mixed.value.dtype, "float32");
    assert.ok(Math.abs((await mixed.value.item()) - (await exact.value.item())) < 1e-3);
    for (const name of ["a", "b"] as const) {
      const found = distance(await mixed.gradient[name].data(), await exact.gradient[name].data());
      // Half precision has 11 bits. (On the CPU, ONNX Runtime leaves out casts there and back, and is more exact.)
      assert.ok(found < 5e-3, `${name}: ${found}`);
    }
  });

  it("leaves alone what the function uses from outside", () => {
    const outside = x.matmul(weights.a);
    const value = mixedPrecision((w: Tensor) => outside.matmul(w))(weights.b);
    const { nodes } = lower([], { value: value.value });
    const products = [...nodes.values()].filter(({ operator }) => /MatMul|Gemm/.test(operator));
    assert.deepEqual(
      products.map(({ outputs }) => outputs[0]?.dtype),
      ["float32", "float16"],
    );
  });

  it("scales losses whose gradients would vanish, and lowers the scale when they overflow", async () => {
    // The gradient of a product by halves is a half: 1e-9 is none.
    const small = mixedPrecision((w: Tensor, rows: Tensor): Tensor<readonly []> =>
      rows.matmul(w).mul(1e-9).sum(),
    );
    const w = randn([16, 1], { seed: 4 });
    assert.ok((await grad(small)(w, x).data()).every((each: number) => each === 0));
    const step = jit((scale: ReturnType<typeof lossScale>, place: Tensor, rows: Tensor) => {
      const found = scaledValueAndGrad(small)(scale, place, rows);
      const { factor, steps } = found.scale;
      return { gradient: found.gradient, isFinite: found.isFinite, factor, steps };
    });
    const exact = await grad((place: Tensor): Tensor<readonly []> => x.matmul(place).mul(1e-9).sum())(
      w,
    ).data();
    const good = await step(lossScale(2 ** 20), w, x);
    assert.ok(distance(await good.gradient.data(), exact) < 1e-2);
    assert.deepEqual(
      [await good.isFinite.item(), await good.factor.item(), await good.steps.item()],
      [1, 2 ** 20, 1],
    );
    const large = (place: Tensor): Tensor<readonly []> => x.matmul(place).mul(1e3).sum();
    const over = scaledValueAndGrad(large)(lossScale(2 ** 127), w);
    const { factor, steps } = over.scale;
    assert.deepEqual([await over.isFinite.item(), await factor.item(), await steps.item()], [0, 2 ** 126, 0]);
    const due = await step({ factor: tensor(2 ** 20), steps: tensor(1999) }, w, x);
    assert.deepEqual([await due.factor.item(), await due.steps.item()], [2 ** 21, 0]);
  });

  it("chooses trees", async () => {
    const one = { a: tensor([1, 2]) };
    const two = { a: tensor([3, 4]) };
    assert.deepEqual([...(await choose(tensor(0, "bool"), one, two).a.data())], [3, 4]);
    assert.deepEqual([...(await choose(tensor(1, "bool"), one, two).a.data())], [1, 2]);
  });

  it("says that bfloat16 can't be computed on the CPU", async function () {
    if ((await provider()) !== "cpu") return this.skip();
    await assert.rejects(
      mixedPrecision(loss, "bfloat16")(weights, x).item(),
      (error) => error instanceof RuntimeError && /bfloat16/.test(error.message),
    );
    return undefined;
  });
});
