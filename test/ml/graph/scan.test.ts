import assert from "node:assert/strict";
import { fromData, tensor } from "../../../ml/graph/create.ts";
import { GraphError } from "../../../ml/graph/errors.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { scan as scanTrees } from "../../../ml/graph/functions/scan.ts";
import * as op from "../../../ml/graph/ops/elementwise.ts";
import { gemm, matmul } from "../../../ml/graph/ops/matmul.ts";
import { sum } from "../../../ml/graph/ops/reduce.ts";
import { scan } from "../../../ml/graph/ops/scan.ts";
import { concat, transpose } from "../../../ml/graph/ops/shape-ops.ts";
import { pullBack } from "../../../ml/graph/gradients.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { grad } from "../../../ml/graph/transforms/grad.ts";
import { input, withGradient, type Value } from "../../../ml/graph/value.ts";
import { checkGradients, normals, type Float64 } from "./check-gradients.ts";

type Case = readonly [name: string, shapes: readonly (readonly number[])[], (...inputs: Value[]) => Value];

/** The carried values and outputs as one vector. */
function all({ carry, outputs }: { carry: readonly Value[]; outputs: readonly Value[] }): Value {
  const flat = [...carry, ...outputs].map((each) => new Tensor(each).reshape([-1]).value);
  return concat(flat, 0);
}

const cases: readonly Case[] = [
  [
    "a recurrence with a weight from outside",
    [
      [2, 3],
      [4, 2, 3],
      [3, 3],
    ],
    (h, xs, w) =>
      all(
        scan([h], [xs], ([state], [x]) => {
          const next = op.tanh(op.add(gemm(state!, w), x!));
          return { carry: [next], outputs: [next] };
        }),
      ),
  ],
  [
    "from the last to the first",
    [[2, 3], [4, 2, 3], [3, 3], [3]],
    (h, xs, w, b) =>
      all(
        scan(
          [h],
          [xs],
          ([state], [x]) => {
            const next = op.tanh(op.add(gemm(state!, w, b, { transposeB: true }), x!));
            return { carry: [next], outputs: [op.multiply(state!, x!)] };
          },
          { reverse: true },
        ),
      ),
  ],
  [
    "two carried values, two sequences, one result unused",
    [[3], [2], [4, 3], [4, 2]],
    (a, b, xs, ys) =>
      all({
        carry: [],
        outputs: scan([a, b], [xs, ys], ([p, q], [x, y]) => ({
          carry: [op.multiply(p!, op.sigmoid(x!)), op.add(q!, op.multiply(y!, sum(p!)))],
          outputs: [op.multiply(p!, x!), op.exp(q!)],
        })).outputs.slice(1),
      }),
  ],
  [
    "a value from outside used twice, once not in a product",
    [
      [2, 3],
      [3, 2, 3],
      [3, 3],
    ],
    (h, xs, w) => {
      const squared = op.square(w);
      return all(
        scan([h], [xs], ([state], [x]) => {
          const next = op.tanh(op.add(gemm(state!, squared), matmul(op.multiply(x!, 0.1), op.exp(w))));
          return { carry: [next], outputs: [x!] };
        }),
      );
    },
  ],
  [
    "a value from outside that is added up, and transposed twice",
    [[2, 3], [3, 2, 3], [3]],
    (h, xs, s) =>
      all(
        scan([h], [xs], ([state], [x]) => {
          const turned = transpose(op.multiply(state!, x!));
          return {
            carry: [op.sin(transpose(op.exp(turned)))],
            outputs: [transpose(turned), op.multiply(s, x!)],
          };
        }),
      ),
  ],
  [
    "a scan in a scan",
    [[2], [3, 2], [4, 2]],
    (h, xs, ys) =>
      all(
        scan([h], [xs], ([state], [x]) => {
          const inner = scan([state!], [ys], ([s], [y]) => ({
            carry: [op.tanh(op.add(op.multiply(s!, x!), y!))],
            outputs: [],
          }));
          return { carry: inner.carry, outputs: inner.carry };
        }),
      ),
  ],
  [
    "a rule of its own inside",
    [[2], [3, 2]],
    (h, xs) =>
      all(
        scan([h], [xs], ([state], [x]) => {
          const y = op.multiply(op.exp(x!), state!);
          return {
            carry: [withGradient(y, [x!, state!], (g) => [op.multiply(g, y), op.multiply(g, op.exp(x!))])],
            outputs: [],
          };
        }),
      ),
  ],
];

describe("scan", () => {
  for (const [name, shapes, compute] of cases) {
    const inputs = shapes.map((shape, index) => normals(shape, index + 1));
    it(`has the gradients of finite differences: ${name}`, () =>
      checkGradients((...tensors) => new Tensor(compute(...tensors.map(({ value }) => value))), inputs));
  }

  it("takes and gives trees of typed tensors", async () => {
    const xs = { a: fromData("float32", Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]) };
    const [total, { sums }] = scanTrees(tensor([0, 0]), xs, (sum, { a }) => {
      const next = sum.add(a);
      return [next, { sums: next }];
    });
    const typed: Tensor<readonly [number, 2], "float32"> = sums;
    assert.deepEqual([...(await total.data())], [9, 12]);
    assert.deepEqual([...(await typed.data())], [1, 2, 4, 6, 9, 12]);
    assert.deepEqual(typed.shape, [3, 2]);
  });

  it("has second derivatives", async () => {
    const recurrence = (w: Float64): Tensor<readonly []> => {
      const { carry, outputs } = scan(
        [normals([2, 3], 4).value],
        [normals([3, 2, 3], 5).value],
        ([state], [x]) => {
          const next = op.tanh(op.add(gemm(state!, w.value), x!));
          return { carry: [next], outputs: [op.square(next)] };
        },
      );
      return new Tensor(op.add(sum(carry[0]!), sum(outputs[0]!)));
    };
    await checkGradients((w) => grad(recurrence)(w), [normals([3, 3], 6)]);
  });

  it("runs the step once for its results and for what the gradient needs of it", () => {
    const [h, xs, w] = [
      input("h", "float32", ["batch", 3]),
      input("xs", "float32", ["time", "batch", 3]),
      input("w", "float32", [3, 3]),
    ];
    const { carry, outputs } = scan([h], [xs], ([state], [x]) => {
      const next = op.tanh(op.add(gemm(state!, w), x!));
      return { carry: [next], outputs: [next] };
    });
    const loss = op.add(sum(carry[0]!), sum(outputs[0]!));
    const [dw] = pullBack([loss], [new Tensor(loss).mul(1).value], [w]);
    const { model } = lower([h, xs, w], { loss, dw: dw! });
    const scans = model.graph.nodes.filter(({ operator }) => operator === "Scan");
    assert.equal(scans.length, 2);
    // The sum over the steps is one product after the scan, not one in each step.
    const products = model.graph.nodes.filter(({ operator }) => operator === "Gemm");
    assert.equal(products.length, 1);
  });

  it("says what does not fit", () => {
    const x = (...shape: number[]): Value =>
      fromData("float32", new Float32Array(shape.reduce((a, b) => a * b, 1)), shape).value;
    const keep = (carry: readonly Value[]) => ({ carry, outputs: [] });
    const refused = (run: () => unknown, message: RegExp): void =>
      assert.throws(run, (error) => error instanceof GraphError && message.test(error.message));
    refused(() => scan([x(2)], [], keep), /needs a sequence/);
    refused(() => scan([x(2)], [x(3, 2), x(4, 2)], keep), /\[3, 2\] and \[4, 2\] have no common length/);
    refused(
      () => scan([x(2)], [x(3, 2)], ([h]) => keep([op.add(h!, x(4, 2))])),
      /the step makes float32 \[4, 2\] of the carried float32 \[2\]/,
    );
    refused(() => scan([x(2)], [x(3, 2)], () => keep([])), /carries 0 tensors on, 1 are given/);
  });
});
