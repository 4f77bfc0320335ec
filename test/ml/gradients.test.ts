import assert from "node:assert/strict";
import {
  add,
  binaryCrossEntropy,
  concatenateColumns,
  gatherRows,
  Graph,
  GraphError,
  gradients,
  linear,
  mean,
  multiply,
  relu,
  sigmoid,
  subtract,
  TrainingSession,
  type LossBuilder,
  type Parameter,
} from "../../ml/graph/index.ts";
import { Random } from "../../ml/random.ts";
import { assertCloseTo } from "./close-to.ts";

// Central differences in float32: 1e-7 of rounding over a step of 1e-2, plus the curvature's step².
const step = 1e-2;
const tolerance = 1e-3;

function parameter(name: string, shape: readonly number[], seed: number): Parameter {
  const random = new Random(seed);
  const length = shape.reduce((product, size) => product * size, 1);
  return { name, shape, data: Float32Array.from({ length }, () => random.normal()) };
}

/** Compares a loss's gradients with the slopes between nearby losses, entry by entry. */
async function checkGradients(parameters: readonly Parameter[], buildLoss: LossBuilder): Promise<void> {
  await using session = await TrainingSession.create(buildLoss, parameters);
  await session.evaluate({});
  const computed = session.gradients.map((gradient) => Float32Array.from(gradient));
  for (const [index, { name, data }] of parameters.entries()) {
    const slopes: number[] = [];
    for (let entry = 0; entry < data.length; entry++) {
      const held = data[entry] ?? 0;
      data[entry] = held + step;
      const above = await session.evaluate({});
      data[entry] = held - step;
      const below = await session.evaluate({});
      data[entry] = held;
      slopes.push((above - below) / (2 * step));
    }
    assert.ok(
      slopes.some((slope) => Math.abs(slope) > tolerance * 5),
      `${name} has no influence: the check would say nothing`,
    );
    assertCloseTo(computed[index] ?? [], slopes, tolerance, name);
  }
}

describe("gradients, against finite differences", () => {
  const row = parameter("row", [3], 1);
  const matrix = parameter("matrix", [4, 3], 2);
  const other = parameter("other", [4, 3], 3);
  const column = parameter("column", [4, 1], 4);
  const cases: readonly (readonly [string, readonly Parameter[], LossBuilder])[] = [
    [
      "add, broadcast",
      [matrix, row, column],
      (g, [a, b, c]) => mean(g, squared(g, add(g, add(g, a!, b!), c!))),
    ],
    ["subtract, broadcast", [row, matrix], (g, [a, b]) => mean(g, squared(g, subtract(g, a!, b!)))],
    ["multiply, broadcast", [matrix, column], (g, [a, b]) => mean(g, squared(g, multiply(g, a!, b!)))],
    ["a value used twice", [matrix], (g, [a]) => mean(g, multiply(g, a!, add(g, a!, a!)))],
    [
      "linear",
      [matrix, parameter("weight", [3, 2], 5), parameter("bias", [2], 6)],
      (g, [x, w, b]) => mean(g, squared(g, linear(g, x!, w!, b!))),
    ],
    ["relu", [matrix], (g, [a]) => mean(g, squared(g, relu(g, a!)))],
    ["sigmoid", [matrix], (g, [a]) => mean(g, sigmoid(g, a!))],
    [
      "concatenateColumns",
      [matrix, column, other],
      (g, parts) => mean(g, squared(g, multiply(g, concatenateColumns(g, parts), weights(g, [4, 7])))),
    ],
    [
      "gatherRows, rows repeated and left out",
      [matrix],
      (g, [table]) => {
        const rows = g.constant(BigInt64Array.of(2n, 0n, 2n, 2n, 1n), [5]);
        return mean(g, squared(g, gatherRows(g, table!, rows)));
      },
    ],
    [
      "binaryCrossEntropy",
      [column],
      (g, [z]) => mean(g, binaryCrossEntropy(g, z!, g.constant(Float32Array.of(1, 0, 1, 0), [4, 1]))),
    ],
    [
      "binaryCrossEntropy, positives weighted",
      [column],
      (g, [z]) => mean(g, binaryCrossEntropy(g, z!, g.constant(Float32Array.of(1, 0, 1, 0), [4, 1]), 3)),
    ],
  ];
  for (const [name, parameters, buildLoss] of cases) {
    it(name, () => checkGradients(parameters, buildLoss));
  }

  it("binary cross-entropy stays finite for logits far out", async () => {
    const logits: Parameter = { name: "logits", shape: [4, 1], data: Float32Array.of(500, -500, 500, -500) };
    await using session = await TrainingSession.create(
      (g, [z]) => mean(g, binaryCrossEntropy(g, z!, g.constant(Float32Array.of(1, 0, 0, 1), [4, 1]))),
      [logits],
    );
    assertCloseTo([await session.evaluate({})], [250], 1e-3);
    assertCloseTo(session.gradients[0] ?? [], [0, 0, 0.25, -0.25], 1e-6);
  });
});

describe("graphs that cannot be", () => {
  const build = (): Graph => new Graph();
  const invalid: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      "shapes that do not broadcast",
      () => {
        const g = build();
        return add(g, g.input("a", "float32", ["batch", 3]), g.input("b", "float32", [2]));
      },
      /\[batch, 3\] and \[2\]/,
    ],
    [
      "a layer that does not fit",
      () => {
        const g = build();
        return linear(g, weights(g, [2, 3]), weights(g, [4, 5]), weights(g, [5]));
      },
      /do not fit/,
    ],
    ["a constant of the wrong size", () => build().constant(new Float32Array(5), [2, 3]), /6 values, not 5/],
    [
      "an input named twice",
      () => {
        const g = build();
        g.input("x", "float32", []);
        g.input("x", "float32", []);
      },
      /already has/,
    ],
    [
      "a loss that is no scalar",
      () => {
        const g = build();
        const x = g.input("x", "float32", [2]);
        return gradients(g, x, [x]);
      },
      /scalar/,
    ],
    [
      "a parameter that the loss does not use",
      () => {
        const g = build();
        const x = g.input("x", "float32", [2]);
        const y = g.input("y", "float32", [2]);
        return gradients(g, mean(g, x), [x, y]);
      },
      /does not depend on "y"/,
    ],
  ];
  for (const [name, construct, message] of invalid) {
    it(name, () => {
      assert.throws(construct, (error) => error instanceof GraphError && message.test(error.message));
    });
  }
});

function squared(graph: Graph, x: Parameters<typeof mean>[1]): ReturnType<typeof mean> {
  return multiply(graph, x, x);
}

function weights(graph: Graph, shape: readonly number[]): ReturnType<typeof mean> {
  return graph.constant(parameter("weights", shape, 9).data, shape);
}
