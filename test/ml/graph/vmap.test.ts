import assert from "node:assert/strict";
import { fromData, randn, tensor } from "../../../ml/graph/create.ts";
import { GraphError } from "../../../ml/graph/errors.ts";
import { apply } from "../../../ml/graph/ops/apply.ts";
import * as op from "../../../ml/graph/ops/elementwise.ts";
import { gather } from "../../../ml/graph/ops/gather.ts";
import { gemm, matmul } from "../../../ml/graph/ops/matmul.ts";
import { max, mean, product, sum } from "../../../ml/graph/ops/reduce.ts";
import {
  broadcastTo,
  concat,
  pad,
  reshape,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from "../../../ml/graph/ops/shape-ops.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { grad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import { vmap } from "../../../ml/graph/transforms/vmap.ts";
import { constant, input, stopGradient, withGradient, type Value } from "../../../ml/graph/value.ts";
import { assertCloseTo } from "../close-to.ts";
import { normals } from "./check-gradients.ts";

type Case = readonly [name: string, shapes: readonly (readonly number[])[], (...inputs: Value[]) => Value];

const int64 = (numbers: readonly number[], shape: readonly number[] = [numbers.length]): Value =>
  constant(
    "int64",
    BigInt64Array.from(numbers, (n) => BigInt(n)),
    shape,
  );
/** Whole positions from -3 to 2, made of the first elements of a value. */
const positions = (x: Value): Value => {
  const first = slice(reshape(x, [-1]), [{ axis: 0, start: 0, end: 2 }]);
  return stopGradient(op.cast(op.maximum(op.minimum(op.floor(op.multiply(first, 2)), 2), -3), "int64"));
};
const from0 = (x: Value): Value => op.minimum(op.abs(positions(x)), int64([2], []));

const cases: readonly Case[] = [
  [
    "arithmetic that broadcasts",
    [[4, 3], [3], []],
    (a, b, c) => op.multiply(op.add(a, b), op.subtract(c, b)),
  ],
  [
    "maximum, where, comparisons",
    [[4, 3], [3]],
    (a, b) => op.where(op.greater(a, b), op.maximum(a, b), op.exp(a)),
  ],
  ["reductions", [[2, 3, 4]], (a) => op.add(sum(op.square(a), { axes: [0, -1] }), mean(a, { axes: [0, 2] }))],
  [
    "reductions of all",
    [[3, 4]],
    (a) => op.multiply(max(a), product(slice(a, [{ axis: 0, start: 0, end: 1 }]))),
  ],
  [
    "matmul of matrices",
    [
      [4, 3],
      [3, 2],
    ],
    (a, b) => matmul(a, b),
  ],
  [
    "matmul of a batch by a matrix",
    [
      [2, 4, 3],
      [3, 2],
    ],
    (a, b) => matmul(a, b),
  ],
  ["matmul of vectors", [[3], [3, 2], [2]], (a, b, c) => matmul(matmul(a, b), c)],
  [
    "MatMul nodes of vectors",
    [[3], [2, 3, 4], [4]],
    (a, b, c) => apply("MatMul", [apply("MatMul", [a, b]), c]),
  ],
  ["gemm", [[3, 4], [3, 2], [2]], (a, b, c) => gemm(a, b, c, { transposeA: true })],
  [
    "gemm, transposed right",
    [
      [4, 3],
      [2, 3],
      [4, 2],
    ],
    (a, b, c) => gemm(a, b, c, { transposeB: true }),
  ],
  ["shapes", [[2, 3, 4]], (a) => squeeze(unsqueeze(transpose(reshape(a, [6, -1]), [1, 0]), 1), 1)],
  ["broadcastTo", [[3, 1]], (a) => op.square(broadcastTo(a, [2, 3, 4]))],
  [
    "concat, split",
    [
      [4, 3],
      [4, 1],
    ],
    (a, b) => op.square(split(concat([a, b, a], 1), [5, 2], 1)[0] ?? a),
  ],
  ["slice, pad", [[7, 5]], (a) => pad(slice(a, [{ axis: 0, start: -1, step: -2 }]), [1, 0], [0, 2])],
  ["gather by fixed positions", [[4, 3, 2]], (a) => gather(a, int64([2, 0, -1, 2], [2, 2]), 1)],
  ["gather by positions of the element's own", [[3, 3, 2]], (a) => op.square(gather(a, positions(a), 1))],
  [
    "GatherND, ScatterND",
    [[3, 3], [3]],
    (a, b) => {
      const at = unsqueeze(from0(a), -1);
      const added = apply("ScatterND", [a, at, broadcastTo(b, [2, 3])], { reduction: { text: "add" } });
      return op.multiply(added, sum(apply("GatherND", [added, at])));
    },
  ],
  [
    "a custom gradient",
    [[3]],
    (a) => {
      const y = op.sin(a);
      return withGradient(y, [a], (gradient) => [op.multiply(gradient, op.multiply(op.exp(a), 3))]);
    },
  ],
  [
    "an operator without a rule",
    [[2, 3]],
    (a) =>
      apply(
        "Einsum",
        [a],
        { equation: { text: "ij->ji" } },
        { types: [{ dtype: "float64", shape: [3, 2] }] },
      ),
  ],
];

const batch = 3;
const known =
  (compute: (...inputs: Value[]) => Value) =>
  (...inputs: readonly Tensor[]) =>
    new Tensor(compute(...inputs.map(({ value }) => value)));

/** The function on each element, the results one after the other. */
async function oneByOne(
  compute: (...inputs: readonly Tensor[]) => Tensor,
  inputs: readonly Tensor[],
): Promise<number[]> {
  const results: number[] = [];
  for (let index = 0; index < batch; index++) {
    const elements = inputs.map(({ value }) => new Tensor(gather(value, reshape(int64([index]), []))));
    results.push(...Array.from(await compute(...elements).data(), Number));
  }
  return results;
}

describe("vmap", () => {
  for (const [name, shapes, compute] of cases) {
    const inputs = shapes.map((shape, index) => normals([batch, ...shape], index + 1));
    it(`${name}: as one element after the other`, async () => {
      const batched = await vmap(known(compute), { inAxes: 0 })(...inputs).data();
      assertCloseTo(Array.from(batched, Number), await oneByOne(known(compute), inputs), 1e-12);
    });
    if (name.includes("without a rule")) continue;
    it(`${name}: gradients for each element, and through the batch`, async () => {
      const loss = (...places: readonly Tensor[]): Tensor<readonly []> => {
        const result = compute(...places.map(({ value }) => value));
        return new Tensor(sum(op.multiply(result, normals(result.shape.map(Number), 99).value)));
      };
      const first = (...places: readonly Tensor[]): Tensor => {
        const [x, ...others] = places;
        assert.ok(x);
        return grad(loss)(x, ...others);
      };
      const expected = await oneByOne(first, inputs);
      assertCloseTo(Array.from(await vmap(first, { inAxes: 0 })(...inputs).data(), Number), expected, 1e-11);
      const whole = (...places: readonly Tensor[]): Tensor<readonly []> =>
        vmap(loss, { inAxes: 0 })(...places).sum();
      const [x, ...others] = inputs;
      assert.ok(x);
      assertCloseTo(Array.from(await grad(whole)(x, ...others).data(), Number), expected, 1e-11);
    });
    if (shapes.length < 2) continue;
    it(`${name}: one argument shared`, async () => {
      const [x, ...others] = inputs;
      const shared = shapes.slice(1).map((shape, index) => normals(shape, index + 20));
      assert.ok(x && others);
      const loss = (...places: readonly Tensor[]): Tensor<readonly []> =>
        known(compute)(...places)
          .square()
          .mean();
      const axes = [0, ...shared.map(() => null)];
      const batched = await vmap(loss, { inAxes: axes })(x, ...shared).data();
      const expected = await oneByOne((element) => loss(element, ...shared), [x]);
      assertCloseTo(Array.from(batched, Number), expected, 1e-11);
      const [second] = shared;
      assert.ok(second);
      const total = (place: Tensor): Tensor<readonly []> =>
        vmap(loss, { inAxes: axes })(x, place, ...shared.slice(1)).sum();
      const gradient = Array.from(await grad(total)(second).data(), Number);
      const each = await oneByOne(
        (element) => grad((place: Tensor) => loss(element, place, ...shared.slice(1)))(second),
        [x],
      );
      const summed = gradient.map((_, at) =>
        each.reduce((total, part, index) => (index % gradient.length === at ? total + part : total), 0),
      );
      assertCloseTo(gradient, summed, 1e-11);
    });
  }

  it("gives a gradient for each example of a model, also compiled", async () => {
    const weights = { a: randn([4, 8], { seed: 1 }), b: randn([8, 1], { seed: 2 }) };
    const loss = (w: { a: Tensor; b: Tensor }, x: Tensor): Tensor<readonly []> =>
      x.matmul(w.a).tanh().matmul(w.b).square().sum();
    const x = randn([5, 4], { seed: 3 });
    const { a } = await jit(vmap(grad(loss), { inAxes: [null, 0] }))(weights, x);
    assert.deepEqual(a.shape, [5, 4, 8]);
    const rows = await a.data();
    const data = await x.data();
    for (let index = 0; index < 5; index++) {
      const row = fromData("float32", data.slice(index * 4, index * 4 + 4), [4]);
      assertCloseTo(rows.slice(index * 32, index * 32 + 32), await grad(loss)(weights, row).a.data(), 1e-5);
    }
  });

  it("in itself, along other axes, with a result along another axis", async () => {
    const a = randn([3, 4], { seed: 1 });
    const b = randn([5, 4], { seed: 2 });
    const dot = (x: Tensor, y: Tensor): Tensor => x.mul(y).sum();
    const table = vmap((x: Tensor) => vmap((y: Tensor) => dot(x, y), { inAxes: 0 })(b), {
      inAxes: 0,
      outAxes: 1,
    })(a);
    assert.deepEqual(table.shape, [5, 3]);
    assertCloseTo(await table.data(), await b.matmul(a.transpose()).data(), 1e-5);
    const columns = vmap((column: Tensor) => column.sum(), { inAxes: -1 })(a);
    assertCloseTo(await columns.data(), await a.sum(0).data(), 1e-5);
  });

  it("over a batch whose size is known only when the program runs", () => {
    const x = new Tensor(input("x", "float32", ["batch", 4, 3]));
    const weights = randn([3, 2], { seed: 1 });
    const compute = (element: Tensor): Tensor =>
      new Tensor(broadcastTo(reshape(matmul(element.value, weights.value), [8]), [2, 8]));
    const result = vmap(compute, { inAxes: 0 })(x);
    assert.deepEqual(result.shape, ["batch", 2, 8]);
    assert.ok(lower([x.value], { result: result.value }).model.graph.nodes.length > 0);
  });

  it("types: the batch axis comes first", () => {
    const lengths: Tensor<readonly [number], "float32"> = vmap((x: Tensor<readonly [3], "float32">) =>
      x.square().sum(),
    )(tensor([[1, 2, 3]]));
    assert.deepEqual(lengths.shape, [1]);
  });

  it("refuses sizes that differ, and no batch at all", () => {
    const sum2 = (x: Tensor, y: Tensor): Tensor => x.add(y);
    const two = randn([2, 3], { seed: 1 });
    const four = randn([4, 3], { seed: 1 });
    const isGraphError = (message: RegExp) => (error: unknown) =>
      error instanceof GraphError && message.test(error.message);
    assert.throws(() => vmap(sum2, { inAxes: 0 })(two, four), isGraphError(/size of the batch: 2 and 4/));
    assert.throws(
      () => vmap(sum2, { inAxes: null })(two, four),
      isGraphError(/no argument has a batch axis/),
    );
    assert.throws(() => vmap(sum2, { inAxes: [0] })(two, two), isGraphError(/1 axes for 2 arguments/));
  });
});
