/** @file Models joined, operators that WebGPU lacks composed, and parameters packed: what a step on a device is made of. */
import assert from "node:assert/strict";
import "../../../ml/graph/operators/index.ts";
import { GraphError } from "../../../ml/graph/errors.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import type { OnnxModel } from "../../../ml/graph/onnx/model.ts";
import { add, multiply } from "../../../ml/graph/ops/elementwise.ts";
import { logSoftmax } from "../../../ml/graph/ops/softmax.ts";
import { adam, lamb } from "../../../ml/graph/optimizers/index.ts";
import { joinModels } from "../../../ml/graph/runtime/join-models.ts";
import { packParameters } from "../../../ml/graph/runtime/packed-parameters.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import { forWebGpu } from "../../../ml/graph/runtime/webgpu-operators.ts";
import { input, type Value } from "../../../ml/graph/value.ts";

async function run(model: OnnxModel, inputs: Readonly<Record<string, Float32Array>>): Promise<number[]> {
  await using session = await Session.create(encodeOnnx(model));
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, data]) => [
      name,
      { dtype: "float32", data, shape: [data.length] } as const,
    ]),
  );
  const { y } = await session.run(feeds, { y: null });
  return Array.from(y?.data ?? [], Number);
}

const of = (name: string): Value => input(name, "float32", [3]);
const [a, b, c, d] = [of("a"), of("b"), of("c"), of("d")];

describe("models one after another", () => {
  it("give each other what they name alike, and keep their own names apart", async () => {
    // Each has a value of its own between its two operators, under the same made-up name.
    const first = lower([a, b], { c: multiply(add(a, b), 2) }).model;
    const second = lower([c, b], { d: add(multiply(c, c), b) }).model;
    const third = lower([d], { y: multiply(add(d, 1), 10) }).model;
    for (const main of [0, 1, 2]) {
      const joined = joinModels([first, second, third], main);
      assert.deepEqual(
        joined.graph.inputs.map(({ name }) => name),
        ["a", "b"],
      );
      const found = await run(joined, { a: Float32Array.of(1, 2, 3), b: Float32Array.of(1, 0, -1) });
      // c = 2(a + b), d = c² + b, y = 10(d + 1)
      assert.deepEqual(found, [180, 170, 160]);
    }
  });

  it("are refused where one that is renamed has a body", () => {
    const model = lower([a], { y: add(a, 1) }).model;
    const [node] = model.graph.nodes;
    assert.ok(node);
    const nodes = [{ ...node, attributes: { body: { graph: model.graph } } }];
    const withBody = { ...model, graph: { ...model.graph, nodes } };
    assert.throws(() => joinModels([withBody, model], 1), GraphError);
    assert.throws(() => joinModels([model], 1), GraphError);
  });
});

describe("what WebGPU lacks", () => {
  it("LogSoftmax is composed, and gives the same; other models are left as they are", async () => {
    const { model } = lower([a], { y: logSoftmax(a, 0) });
    assert.ok(model.graph.nodes.some(({ operator }) => operator === "LogSoftmax"));
    const composed = forWebGpu(model);
    assert.ok(composed.graph.nodes.every(({ operator }) => operator !== "LogSoftmax"));
    for (const data of [Float32Array.of(1, 2, 3), Float32Array.of(-1000, 0, 1000)]) {
      const expected = await run(model, { a: data });
      const found = await run(composed, { a: data });
      for (const [index, value] of expected.entries())
        assert.ok(Math.abs((found[index] ?? Number.NaN) - value) <= 1e-6 * Math.max(1, Math.abs(value)));
    }
    const other = lower([a], { y: add(a, 1) }).model;
    assert.equal(forWebGpu(other), other);
  });
});

describe("packed parameters", () => {
  const parameter = (name: string, size: number, decay: boolean) => ({
    name,
    shape: [size],
    decay,
    data: new Float32Array(size),
  });
  const parameters = [parameter("a", 3, true), parameter("b", 2, false), parameter("c", 4, true)];

  it("lie together by whether weight decay applies", () => {
    const packs = packParameters(parameters, adam());
    assert.deepEqual(
      packs.map(({ decay, size, members }) => [
        decay,
        size,
        members.map(({ name, offset }) => `${name} ${offset}`),
      ]),
      [
        [true, 7, ["a 0", "c 3"]],
        [false, 2, ["b 0"]],
      ],
    );
  });

  it("stay apart for LAMB, and where a pack would grow beyond what every device binds", () => {
    assert.equal(packParameters(parameters, lamb()).length, 3);
    const large = [parameter("a", 2 ** 24, true), parameter("b", 1, true)];
    assert.deepEqual(
      packParameters(large, adam()).map(({ size }) => size),
      [2 ** 24, 1],
    );
  });
});
