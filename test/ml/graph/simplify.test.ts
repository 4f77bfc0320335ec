import assert from "node:assert/strict";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { apply, applyAll } from "../../../ml/graph/ops/apply.ts";
import * as op from "../../../ml/graph/ops/elementwise.ts";
import { gather } from "../../../ml/graph/ops/gather.ts";
import { product } from "../../../ml/graph/ops/reduce.ts";
import { concat, reshape, slice, squeeze, unsqueeze } from "../../../ml/graph/ops/shape-ops.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import "../../../ml/graph/operators/index.ts";
import { constant, input, integers, knownNumbers, type Node, type Value } from "../../../ml/graph/value.ts";

const x = input("x", "float32", ["batch", 6, 4]);
const sized = input("sized", "float32", [5, 6, 4]);
const operatorsOf = (outputs: Readonly<Record<string, Value>>): string[] =>
  lower([x, sized], outputs)
    .model.graph.nodes.map(({ operator }) => operator)
    .filter((each) => each !== "Identity");

/** What ONNX Runtime computes for an operator on whole numbers that are fed, so that nothing can be folded. */
async function computed(
  operator: string,
  inputs: readonly Value[],
  attributes: Node["attributes"],
): Promise<unknown> {
  const places = inputs.map(({ dtype, shape }, index) => input(`in${index}`, dtype, shape));
  // Axes and the like must be known: only what is computed on is fed.
  const given = inputs.map((each, index) =>
    index === 0 || isArithmetic.has(operator) ? (places[index] ?? each) : each,
  );
  const [output] = applyAll(operator, given, attributes);
  assert.ok(output);
  const { model } = lower(places, { output });
  await using session = await Session.create(encodeOnnx(model));
  const feeds = Object.fromEntries(
    inputs.map(({ dtype, shape, source }, index) => {
      assert.ok(source.kind === "data" && dtype === "int64" && source.data instanceof BigInt64Array);
      return [`in${index}`, { dtype, shape: shape.map(Number), data: source.data }];
    }),
  );
  const { output: found } = await session.run(feeds, { output: null });
  return found && { numbers: Array.from(found.data, Number), shape: found.shape };
}

const isArithmetic = new Set(["Add", "Sub", "Mul", "Div", "Min", "Max", "Equal", "Concat"]);
const ints = (...numbers: number[]): Value => integers(numbers);
const whole = (number: number): Value => reshape(ints(number), []);

const folded: readonly (readonly [string, readonly Value[], Node["attributes"]])[] = [
  ["Add", [ints(3, -4), whole(5)], {}],
  ["Sub", [ints(3, -4), ints(1, 2)], {}],
  ["Mul", [ints(7), ints(3, -4, 0)], {}],
  ["Div", [ints(7, -7, 6), ints(2)], {}],
  ["Min", [ints(3, 9), ints(4)], {}],
  ["Max", [ints(-3, -9), ints(-4)], {}],
  ["Neg", [ints(3, 0)], {}],
  ["Equal", [ints(3, 4), ints(4)], {}],
  ["Concat", [ints(1, 2), ints(3)], { axis: { int: 0 } }],
  ["Gather", [ints(5, 6, 7), ints(-1, 0)], { axis: { int: 0 } }],
  ["Slice", [ints(1, 2, 3, 4), ints(-3), ints(99), ints(0)], {}],
  ["Slice", [ints(1, 2, 3, 4), ints(1), ints(-1), ints(0), ints(1)], {}],
  ["Unsqueeze", [whole(4), ints(0)], {}],
  ["Squeeze", [ints(4), ints(0)], {}],
  ["ReduceProd", [ints(4, 5, -2)], { keepdims: { int: 0 } }],
  ["Cast", [ints(4, 5)], { to: { int: 6 } }],
];

describe("programs made simpler", () => {
  for (const [operator, inputs, attributes] of folded)
    it(`${operator} of known whole numbers is done at once, as ONNX Runtime does it`, async () => {
      const value = apply(operator, inputs, attributes);
      assert.equal(value.source.kind, "data");
      const expected = await computed(operator, inputs, attributes);
      assert.deepEqual({ numbers: knownNumbers(value), shape: value.shape }, expected);
    });

  it("a shape taken apart and put together is known", () => {
    const sizes = apply("Shape", [sized]);
    const rows = op.multiply(gather(sizes, integers([0])), gather(sizes, integers([1])));
    const half = op.divide(slice(sizes, [{ axis: 0, start: -1 }]), integers([2]));
    const target = concat([rows, half, unsqueeze(squeeze(integers([2])), 0)], 0);
    const y = apply("Reshape", [sized, target]);
    assert.deepEqual(y.shape, [30, 2, 2]);
    assert.deepEqual(operatorsOf({ y, count: product(sizes) }), ["Reshape"]);
    const open = apply("Shape", [x]);
    assert.equal(knownNumbers(open), undefined);
    assert.equal(open.source.kind, "node");
  });

  it("what can't be done is left alone", () => {
    const none = op.divide(integers([1]), integers([0]));
    assert.equal(none.source.kind, "node");
    const large = op.multiply(integers([2 ** 40]), integers([2 ** 40]));
    assert.equal(large.source.kind, "node");
  });

  it("nothing is written that no output needs", () => {
    const unused = op.exp(x);
    op.tanh(unused);
    const [first] = applyAll("Split", [sized, integers([2, 4])], { axis: { int: 1 } }, { outputCount: 2 });
    assert.ok(first);
    assert.deepEqual(operatorsOf({ y: op.abs(x), z: first }), ["Abs", "Split"]);
    const { model } = lower([x], { y: op.multiply(op.add(x, 3), 1) });
    assert.equal(model.graph.initializers.length, 1);
  });

  it("equal computations are written once, different ones are not confused", () => {
    const twice = op.add(op.exp(op.add(x, 2)), op.exp(op.add(x, 2)));
    assert.deepEqual(operatorsOf({ twice }), ["Add", "Exp", "Add"]);
    const zeros = op.add(op.divide(1, op.multiply(x, 0)), op.divide(1, op.multiply(x, -0)));
    assert.deepEqual(operatorsOf({ zeros }), ["Mul", "Div", "Mul", "Div", "Add"]);
    const types = op.add(op.cast(op.cast(x, "int32"), "float32"), op.cast(op.cast(x, "int64"), "float32"));
    assert.equal(operatorsOf({ types }).filter((each) => each === "Cast").length, 4);
  });

  it("steps that change nothing are left out, but not those that stretch or convert", () => {
    assert.deepEqual(operatorsOf({ y: op.negate(op.negate(op.add(op.multiply(x, 1), 0))) }), []);
    const one = constant("float32", Float32Array.of(1), [1, 1, 1, 1]);
    assert.deepEqual(operatorsOf({ y: op.multiply(x, one) }), ["Mul"]);
    assert.deepEqual(operatorsOf({ y: op.cast(x, "float64") }), ["Cast"]);
  });
});
