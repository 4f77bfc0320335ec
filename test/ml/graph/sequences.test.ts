import assert from "node:assert/strict";
import * as v from "valibot";
import { fromData, ones, randn } from "../../../ml/graph/create.ts";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import { GraphError } from "../../../ml/graph/errors.ts";
import { multiHeadAttention, scaledDotProductAttention } from "../../../ml/graph/functions/attention.ts";
import { embedding } from "../../../ml/graph/functions/embedding.ts";
import {
  gru,
  lstm,
  rnn,
  type RecurrentLayer,
  type RecurrentWeights,
} from "../../../ml/graph/functions/recurrent.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import { input } from "../../../ml/graph/value.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { grad, valueAndGrad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import type { Tree } from "../../../ml/graph/trees.ts";
import { assertNormClose } from "./norm-close.ts";
import { readReference } from "../reference.ts";
import { checkGradients, normals } from "./check-gradients.ts";

const numbers = v.object({ shape: v.array(v.number()), data: v.array(v.number()) });
const named = v.record(v.string(), numbers);
const base = {
  name: v.string(),
  inputs: named,
  constants: named,
  outputs: named,
  weights: named,
  gradients: named,
};
const reference = readReference(
  "graph-sequences",
  v.object({
    recurrent: v.array(
      v.object({
        ...base,
        kind: v.picklist(["lstm", "gru", "rnn"]),
        layers: v.number(),
        bidirectional: v.boolean(),
        batchFirst: v.boolean(),
      }),
    ),
    attention: v.array(v.object({ ...base, causal: v.boolean(), scale: v.nullable(v.number()) })),
    multiHead: v.array(v.object({ ...base, causal: v.boolean(), heads: v.number() })),
    embedding: v.object(base),
  }),
);
type Case = v.InferOutput<v.ObjectSchema<typeof base, undefined>>;
type Tensors = Readonly<Record<string, Tensor>>;

const tolerance = 1e-5;

const tensorOf = ({ shape, data }: v.InferOutput<typeof numbers>): Tensor =>
  fromData("float32", Float32Array.from(data), shape);
const tensorsOf = (all: v.InferOutput<typeof named>): Tensors =>
  Object.fromEntries(Object.entries(all).map(([name, each]) => [name, tensorOf(each)]));

/** Compares outputs, and the gradients of their weighed sum, with the reference's. */
async function compare(reference: Case, compute: (inputs: Tensors) => Tensors): Promise<void> {
  const weights = tensorsOf(reference.weights);
  const outputsOf = jit((inputs: Tensors): Tree => compute(inputs));
  const gradientsOf = jit((inputs: Tensors) => {
    const loss = (places: Tensors): Tensor<readonly []> =>
      Object.entries(compute(places))
        .map(([name, output]) => output.mul(weights[name] ?? output).sum())
        .reduce((sum, each) => sum.add(each));
    return valueAndGrad(loss)(inputs).gradient;
  });
  const inputs = tensorsOf(reference.inputs);
  const outputs = await outputsOf(inputs);
  for (const [name, expected] of Object.entries(reference.outputs))
    await close((outputs as Tensors)[name], expected, name);
  const gradients = await gradientsOf(inputs);
  for (const [name, expected] of Object.entries(reference.gradients))
    await close(gradients[name], expected, `gradient of ${name}`);
}

async function close(
  actual: Tensor | undefined,
  expected: v.InferOutput<typeof numbers>,
  what: string,
): Promise<void> {
  assert.ok(actual, `there is no ${what}`);
  assert.deepEqual(actual.shape, expected.shape, what);
  assertNormClose(await actual.data(), expected.data, tolerance, what);
}

/** A tensor by a name that must be there. */
function pick(tensors: Tensors, name: string): Tensor {
  const found = tensors[name];
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

function weightsOf(inputs: Tensors, suffix: string): RecurrentWeights {
  const [biasIh, biasHh] = [inputs[`bias_ih_${suffix}`], inputs[`bias_hh_${suffix}`]];
  return {
    weightIh: pick(inputs, `weight_ih_${suffix}`),
    weightHh: pick(inputs, `weight_hh_${suffix}`),
    ...(biasIh && { biasIh }),
    ...(biasHh && { biasHh }),
  };
}

describe("recurrent networks equal PyTorch's", () => {
  for (const each of reference.recurrent) {
    it(each.name, () =>
      compare(each, (inputs) => {
        const layers = Array.from({ length: each.layers }, (_, layer): RecurrentLayer => ({
          forward: weightsOf(inputs, `l${layer}`),
          ...(each.bidirectional && { backward: weightsOf(inputs, `l${layer}_reverse`) }),
        }));
        const { hidden, cell } = inputs;
        const options = { batchFirst: each.batchFirst, ...(hidden && { hidden }), ...(cell && { cell }) };
        return { ...{ lstm, gru, rnn }[each.kind](pick(inputs, "x"), layers, options) };
      }),
    );
  }
});

describe("attention equals PyTorch's", () => {
  for (const each of reference.attention) {
    it(each.name, () =>
      compare(each, (inputs) => {
        const hidden = each.constants["mask"];
        const mask = hidden ? tensorOf(hidden).cast("bool") : inputs["mask"];
        const [query, key, value] = [pick(inputs, "query"), pick(inputs, "key"), pick(inputs, "value")];
        const options = {
          causal: each.causal,
          ...(mask && { mask }),
          ...(each.scale !== null && { scale: each.scale }),
        };
        return { output: scaledDotProductAttention(query, key, value, options) };
      }),
    );
  }

  for (const each of reference.multiHead) {
    it(`in several heads, ${each.name}`, () =>
      compare(each, (inputs) => {
        const [query, key, value] = [pick(inputs, "query"), pick(inputs, "key"), pick(inputs, "value")];
        const weights = {
          inProjWeight: pick(inputs, "in_proj_weight"),
          inProjBias: pick(inputs, "in_proj_bias"),
          outProjWeight: pick(inputs, "out_proj.weight"),
          outProjBias: pick(inputs, "out_proj.bias"),
        };
        const { heads, causal } = each;
        return { output: multiHeadAttention(query, key, value, weights, { heads, causal }) };
      }));
  }

  it("has the gradients of finite differences as self-attention", async () => {
    const self = (x: Tensor, inProjWeight: Tensor, outProjWeight: Tensor): Tensor =>
      multiHeadAttention(x, x, x, { inProjWeight, outProjWeight }, { heads: 2, causal: true });
    await checkGradients(
      (x, w, o) => self(x ?? w, w ?? x, o ?? x),
      [normals([2, 3, 4], 1), normals([12, 4], 2), normals([4, 4], 3)],
    );
  });
});

it("an embedding equals PyTorch's", () =>
  compare(reference.embedding, ({ table }) => {
    const { shape, data } = reference.embedding.constants["positions"] ?? { shape: [], data: [] };
    const positions = fromData(
      "int64",
      BigInt64Array.from(data, (each) => BigInt(each)),
      shape,
    );
    return { output: embedding(table ?? ones([1, 1]), positions) };
  }));

describe("sequences that do not fit", () => {
  const x = ones([4, 2, 3]);
  const wide: Tensor = ones([4, 2, 5]);
  const weights = (rows: number, inputs: number, hidden: number): RecurrentWeights => ({
    weightIh: ones([rows, inputs]),
    weightHh: ones([rows, hidden]),
  });
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["no layer", () => lstm(x, []), /needs a layer/],
    [
      "weights of another network",
      () => gru(x, [{ forward: weights(8, 3, 2) }]),
      /weightHh must be \[3 · hidden/,
    ],
    [
      "weights for another input",
      () => lstm(x, [{ forward: weights(8, 5, 2) }]),
      /weightIh must be \[8, 3\]/,
    ],
    [
      "states of too few layers",
      () => rnn(x, [{ forward: weights(2, 3, 2) }], { hidden: ones([2, 2, 2]) }),
      /of 1 layers and directions takes states \[1, batch, hidden\]/,
    ],
    [
      "a state of another width",
      () => rnn(x, [{ forward: weights(2, 3, 2) }], { hidden: ones([1, 2, 5]) }),
      /a state must be \[2, 2\]/,
    ],
    ["keys of another width", () => scaledDotProductAttention(x, wide, x), /do not fit/],
    [
      "heads that do not divide",
      () =>
        multiHeadAttention(
          x,
          x,
          x,
          { inProjWeight: ones([9, 3]), outProjWeight: ones([3, 3]) },
          { heads: 2 },
        ),
      /a multiple of 2 heads/,
    ],
  ];
  for (const [name, compute, message] of cases)
    it(name, () =>
      assert.throws(compute, (error) => error instanceof GraphError && message.test(error.message)),
    );
});

it("what does not fit is a type error too", () => {
  const [q, k, v] = [ones([2, 4, 3]), ones([2, 5, 3]), ones([2, 5, 7])];
  const attended: Tensor<readonly [2, 4, 7], "float32"> = scaledDotProductAttention(q, k, v);
  assert.deepEqual(attended.shape, [2, 4, 7]);
  // @ts-expect-error -- queries and keys of different widths
  assert.throws(() => scaledDotProductAttention(q, v, v), GraphError);
  // @ts-expect-error -- more values than keys
  assert.throws(() => scaledDotProductAttention(q, k, ones([2, 6, 7])), GraphError);
  // @ts-expect-error -- another batch
  assert.throws(() => scaledDotProductAttention(q, ones([3, 5, 3]), ones([3, 5, 7])), GraphError);
  // @ts-expect-error -- a matrix is no sequence of batches
  assert.throws(() => lstm(ones([2, 3]), []), GraphError);
  // @ts-expect-error -- states of three axes
  assert.throws(() => gru(q, [], { hidden: ones([2, 3]) }), GraphError);
  const rows: Tensor<readonly [2, 4, 3]> = embedding(
    ones([9, 3]),
    fromData("int64", new BigInt64Array(8), [2, 4]),
  );
  assert.deepEqual(rows.shape, [2, 4, 3]);
  // @ts-expect-error -- positions are whole numbers
  assert.throws(() => embedding(ones([9, 3]), ones([2])), GraphError);
});

it("named sizes go through recurrence and attention", () => {
  const x = new Tensor<readonly ["batch", "time", 6], "float32">(input("x", "float32", ["batch", "time", 6]));
  const { output, hidden } = lstm(x, [{ forward: { weightIh: ones([8, 6]), weightHh: ones([8, 2]) } }], {
    batchFirst: true,
  });
  assert.deepEqual(output.shape, ["batch", "time", 2]);
  assert.deepEqual(hidden.shape, [1, "batch", 2]);
  const attended = multiHeadAttention(
    x,
    x,
    x,
    { inProjWeight: ones([18, 6]), outProjWeight: ones([6, 6]) },
    { heads: 3, causal: true },
  );
  assert.deepEqual(attended.shape, ["batch", "time", 6]);
});

it("a program of named sizes has the gradients of the one of known sizes", async () => {
  const weights = (width: number, seed: number): RecurrentWeights => ({
    weightIh: randn([12, width], { seed }),
    weightHh: randn([12, 4], { seed: seed + 1 }),
    biasHh: randn([12], { seed: seed + 2 }),
  });
  const layers = [{ forward: weights(6, 1), backward: weights(6, 4) }, { forward: weights(8, 7) }];
  const inProjWeight = randn([12, 4], { seed: 10 });
  const outProjWeight = randn([4, 4], { seed: 11 });
  const slopes = (x: Tensor): Tensor =>
    grad((each: Tensor): Tensor<readonly []> => {
      const h: Tensor = gru(each, layers, { batchFirst: true }).output;
      return multiHeadAttention(h, h, h, { inProjWeight, outProjWeight }, { heads: 2, causal: true })
        .square()
        .sum();
    })(x);
  const named = input("x", "float32", ["batch", "time", 6]);
  const { model } = lower([named], { slopes: slopes(new Tensor(named)).value });
  await using session = await Session.create(encodeOnnx(model));
  for (const shape of [
    [2, 5, 6],
    [3, 2, 6],
  ]) {
    const x = randn(shape, { seed: 12 });
    const { slopes: found } = await session.run({ x: await x.toData() }, { slopes: null });
    assert.deepEqual(found?.shape, shape);
    assertNormClose(Array.from(found?.data ?? [], Number), await slopes(x).data(), 1e-5);
  }
});
