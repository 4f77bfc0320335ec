/**
 * @file Attention and rotary embeddings (ONNX operator specification, Attention and RotaryEmbedding), composed: the
 * operator set of programs has neither.
 */
import { dtypeOfOnnx } from "../dtype.ts";
import { floatAttribute, intAttribute } from "../ops/attributes.ts";
import { repeat } from "../ops/arrange.ts";
import * as op from "../ops/elementwise.ts";
import { gather } from "../ops/gather.ts";
import { matmul } from "../ops/matmul.ts";
import { max } from "../ops/reduce.ts";
import { positionsAlong } from "../ops/scatter.ts";
import { softmax } from "../ops/softmax.ts";
import { concat, pad, reshape, sizeOf, slice, swapLastAxes, transpose, unsqueeze } from "../ops/shape-ops.ts";
import { scalar, type Value } from "../value.ts";
import { defineImport, inputOf, refuse, type ImportedNode } from "./imported-node.ts";

/** `[batch, steps, heads · size]` as `[batch, heads, steps, size]`. */
function inHeads(x: Value, heads: number): Value {
  if (x.shape.length !== 3) return x;
  const [batch = 1, steps = 1, width] = x.shape;
  return transpose(reshape(x, [batch, steps, heads, Number(width) / heads], [x]), [0, 2, 1, 3]);
}

defineImport("Attention", (node) => {
  const { attributes, inputs } = node;
  const isFlat = inputOf(node, 0).shape.length === 3;
  const query = inHeads(inputOf(node, 0), intAttribute(attributes, "q_num_heads", 1));
  const [key, value] = [1, 2].map((index) => {
    const own = inHeads(inputOf(node, index), intAttribute(attributes, "kv_num_heads", 1));
    const past = inputs[index + 3];
    return past ? concat([past, own], 2) : own;
  });
  if (!key || !value) throw refuse(node, "it needs keys and values");
  const repeats = Number(query.shape[1]) / Number(key.shape[1]);
  const shared = (x: Value): Value => (repeats === 1 ? x : repeat(x, repeats, 1));
  const scale = Math.sqrt(floatAttribute(attributes, "scale", 1 / Math.sqrt(Number(query.shape[3]))));
  const raw = matmul(op.multiply(query, scale), op.multiply(swapLastAxes(shared(key)), scale));
  const cap = floatAttribute(attributes, "softcap", 0);
  const capped = cap > 0 ? op.multiply(op.tanh(op.divide(raw, cap)), cap) : raw;
  const bias = biasOf(node, query, key);
  const scores = bias ? op.add(capped, bias) : capped;
  const precision = dtypeOfOnnx(intAttribute(attributes, "softmax_precision", 0)) ?? scores.dtype;
  const weights = op.cast(softmax(op.cast(scores, precision)), scores.dtype);
  // A row that sees nothing is not a number; it counts as zeros.
  const isBlind =
    bias &&
    (inputs[3] ?? inputs[6]) &&
    op.equal(max(bias, { axes: -1, keepAxes: true }), Number.NEGATIVE_INFINITY);
  const probabilities = isBlind ? op.where(isBlind, 0, weights) : weights;
  const heads = matmul(probabilities, shared(value));
  const [batch = 1, , steps = 1] = heads.shape;
  const output = isFlat ? reshape(transpose(heads, [0, 2, 1, 3]), [batch, steps, -1], [heads]) : heads;
  const shown = [raw, capped, scores, probabilities][intAttribute(attributes, "qk_matmul_output_mode", 0)];
  return [output, key, value, shown ?? raw];
});

/** What is added to the scores `[batch, heads, queries, keys]`: 0, or minus infinity for keys that a query doesn't see. */
function biasOf(node: ImportedNode, query: Value, key: Value): Value | undefined {
  const { attributes, inputs } = node;
  const { dtype } = query;
  const hidden = (isSeen: Value): Value =>
    op.where(isSeen, scalar(dtype, 0), scalar(dtype, Number.NEGATIVE_INFINITY));
  const keys = positionsAlong(key, 2);
  const seen: Value[] = [];
  const lengths = inputs[6] && unsqueeze(op.cast(inputs[6], "int64"), [1, 2, 3]);
  const distance = op.subtract(
    keys,
    op.add(unsqueeze(positionsAlong(query, 2), 1), offsetOf(node, query, lengths)),
  );
  if (intAttribute(attributes, "is_causal", 0) === 1) seen.push(op.lessOrEqual(distance, 0));
  const [left, right] = ["left_window_size", "right_window_size"].map((name) =>
    intAttribute(attributes, name, -1),
  );
  if (left !== undefined && left >= 0) seen.push(op.greaterOrEqual(distance, -left));
  if (right !== undefined && right >= 0) seen.push(op.lessOrEqual(distance, right));
  if (lengths) seen.push(op.less(keys, lengths));
  const parts = seen.map(hidden);
  const mask = inputs[3] && wholeMask(node, inputs[3], key);
  if (mask) parts.push(mask.dtype === "bool" ? hidden(mask) : mask);
  return parts.length === 0 ? undefined : parts.reduce((total, part) => op.add(total, part));
}

/** The position among the keys that the first query has. */
function offsetOf(
  { inputs: [, , , , past] }: ImportedNode,
  query: Value,
  lengths: Value | undefined,
): op.Operand {
  if (past) return sizeOf(past, 2);
  return lengths ? op.subtract(lengths, sizeOf(query, 2)) : 0;
}

/** A mask that ends before the keys do hides the rest. */
function wholeMask(node: ImportedNode, mask: Value, key: Value): Value {
  const [given, wanted] = [mask.shape.at(-1), key.shape[2]];
  if (given === wanted) return mask;
  if (typeof given !== "number" || typeof wanted !== "number")
    throw refuse(node, "the mask's and the keys' numbers are not known to be equal");
  const none = mask.shape.map(() => 0);
  const more = none.with(mask.shape.length - 1, wanted - given);
  if (mask.dtype !== "bool") return pad(mask, none, more, scalar(mask.dtype, Number.NEGATIVE_INFINITY));
  return op.cast(pad(op.cast(mask, "int32"), none, more), "bool");
}

/** Pairs of elements turned by the angles of their positions (Su and others, "RoFormer", 2021). */
defineImport("RotaryEmbedding", (node) => {
  const given = inputOf(node, 0);
  const { attributes, inputs } = node;
  const x = inHeads(given, intAttribute(attributes, "num_heads", 1));
  const size = Number(x.shape[3]);
  const turned = intAttribute(attributes, "rotary_embedding_dim", 0) || size;
  const [cos, sin] = [1, 2].map((index) => {
    const cache = inputOf(node, index);
    const positions = inputs[3];
    return unsqueeze(positions ? gather(cache, positions) : cache, 1);
  });
  if (!cos || !sin) throw refuse(node, "it needs the cosines and sines of its angles");
  const isInterleaved = intAttribute(attributes, "interleaved", 0) === 1;
  const half = turned / 2;
  const [a, b] = isInterleaved
    ? [0, 1].map((start) => slice(x, [{ axis: 3, start, end: turned, step: 2 }]))
    : [0, half].map((start) => slice(x, [{ axis: 3, start, end: start + half }]));
  if (!a || !b) throw refuse(node, "it needs pairs");
  const real = op.subtract(op.multiply(cos, a), op.multiply(sin, b));
  const imaginary = op.add(op.multiply(sin, a), op.multiply(cos, b));
  const pairs = isInterleaved
    ? reshape(concat([unsqueeze(real, 4), unsqueeze(imaginary, 4)], 4), x.shape.with(3, turned), [x])
    : concat([real, imaginary], 3);
  const result = turned === size ? pairs : concat([pairs, slice(x, [{ axis: 3, start: turned }])], 3);
  return [given.shape.length === 3 ? reshape(transpose(result, [0, 2, 1, 3]), given.shape, [given]) : result];
});
