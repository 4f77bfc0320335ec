/** @file The weights of a PyTorch model in our layers. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { InvalidInputError } from "../../../ml/errors.ts";
import { decodeSafetensors, fromData, Tensor } from "../../../ml/graph/index.ts";
import { arrayOfNumbers, constant } from "../../../ml/graph/value.ts";
import {
  batchNorm,
  bidirectionalLstm,
  conv2d,
  convTranspose2d,
  embedding,
  groupNorm,
  layerNorm,
  linear,
  multiHeadAttention,
  relu,
  sequential,
  StateDict,
} from "../../../ml/nn/index.ts";
import { assertNormClose } from "../graph/norm-close.ts";
import { readReference } from "../reference.ts";

const packed = v.object({
  dtype: v.picklist(["float32", "float64", "int64"]),
  shape: v.array(v.number()),
  data: v.array(v.number()),
});
const reference = readReference(
  "state-dict",
  v.object({
    torch: v.string(),
    stateDict: v.string(),
    images: packed,
    words: packed,
    picture: packed,
    scores: packed,
  }),
);
const tensorOf = ({ dtype, shape, data }: v.InferOutput<typeof packed>): Tensor =>
  new Tensor(constant(dtype, arrayOfNumbers(dtype, data), shape));
const { tensors } = decodeSafetensors(Buffer.from(reference.stateDict, "base64"));

const pictures = sequential(
  conv2d(2, 4, { kernel: 3, padding: "same" }),
  batchNorm(4),
  relu(),
  convTranspose2d(4, 3, { kernel: 2, stride: 2 }),
  groupNorm(3, 3),
);
const words = embedding(7, 6);
const steps = sequential(
  bidirectionalLstm(6, 4, { layers: 2 }),
  multiHeadAttention(8, { heads: 2 }),
  layerNorm(8),
  linear(8, 5),
);

describe("A state dict of PyTorch", () => {
  it("becomes parameters of layers that compute the same", async () => {
    const weights = new StateDict(tensors);
    const ofPictures: ReturnType<typeof pictures.init> = [
      weights.convolution("conv"),
      weights.batchNorm("bn"),
      [],
      weights.convTranspose("up"),
      weights.norm("group"),
    ];
    const ofWords: ReturnType<typeof words.init> = weights.embedding("embed");
    const ofSteps: ReturnType<typeof steps.init> = [
      weights.recurrent("lstm", { layers: 2, bidirectional: true }),
      weights.attention("attention"),
      weights.norm("norm"),
      weights.linear("head"),
    ];
    weights.assertAllTaken();
    const picture: Tensor = pictures.apply(ofPictures, tensorOf(reference.images));
    assert.deepEqual(picture.shape, reference.picture.shape);
    assertNormClose(await picture.data(), reference.picture.data, 1e-5);
    const { data } = reference.words;
    const numbers = fromData("int64", BigInt64Array.from(data, BigInt), [3, 6]);
    const scores: Tensor = steps.apply(ofSteps, words.apply(ofWords, numbers));
    assert.deepEqual(scores.shape, reference.scores.shape);
    assertNormClose(await scores.data(), reference.scores.data, 1e-5);
  });

  it("has errors for what it lacks, for what is left, and for wrong kinds", () => {
    const weights = new StateDict(tensors);
    const fails = (use: () => unknown, message: RegExp): void => {
      assert.throws(use, (error) => error instanceof InvalidInputError && message.test(error.message));
    };
    fails(() => weights.linear("tail"), /no "tail\.weight", only ".*" and \d+ more/);
    fails(() => weights.linear("conv"), /"conv\.weight" has the shape \[4, 2, 3, 3\], not 2 axes/);
    fails(() => weights.tensor("bn.num_batches_tracked"), /int64, which no weight is/);
    weights.linear("head");
    fails(() => weights.assertAllTaken(), /nothing was made of ".*" and \d+ more/);
  });
});
