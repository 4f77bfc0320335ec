/** @file Attention as values (Vaswani et al., "Attention is all you need", 2017). */
import { GraphError } from "../errors.ts";
import { showShape, type Shape } from "../shape.ts";
import { scalar, withGradient, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import { add, cast, lessOrEqual, multiply, subtract } from "./elementwise.ts";
import { linear, matmul } from "./matmul.ts";
import { sum, sumTo } from "./reduce.ts";
import { reshape, sizeOf, split, swapLastAxes, transpose, unsqueeze } from "./shape-ops.ts";

/** What a query may look at, and how scores are scaled. */
export interface AttentionOptions {
  /** Broadcasts to the scores `[..., queries, keys]`: of bool, true where a query sees a key; else added to the scores. */
  readonly mask?: Value | undefined;
  /** Whether query i sees only the keys up to i. */
  readonly causal?: boolean | undefined;
  /** What scores are multiplied with; 1 / √width where absent. */
  readonly scale?: number | undefined;
}

/**
 * `softmax(q kᵀ · scale + mask) v`: queries `[..., queries, width]`, keys `[..., keys, width]`, values `[..., keys,
 * features]` give `[..., queries, features]`. A query that sees nothing by a mask of bools gets zeros.
 *
 * The gradient of the softmax takes the sums of its rows from the result: rowsum(dO · O) (Dao et al., "FlashAttention",
 * 2022, appendix B).
 *
 * @throws {@link GraphError} where shapes do not fit
 */
export function scaledDotProductAttention(
  query: Value,
  key: Value,
  value: Value,
  { mask, causal = false, scale }: AttentionOptions = {},
): Value {
  const factor = scale ?? 1 / Math.sqrt(widthOf(query, key, value));
  const scaled = multiply(query, factor);
  let scores = matmul(scaled, swapLastAxes(key));
  if (causal) scores = add(scores, causalBias(query, key));
  const isBool = mask?.dtype === "bool";
  const seen = mask && isBool ? cast(mask, query.dtype) : undefined;
  if (mask) scores = add(scores, seen ? biasOf(seen) : mask);
  const weights = softmax(scores);
  // Where all is hidden, the softmax is even.
  const attended = seen ? multiply(weights, seen) : weights;
  const output = matmul(attended, value);
  const inputs = mask && !isBool ? [query, key, value, mask] : [query, key, value];
  return withGradient(output, inputs, (gradient) => {
    const rows = sum(multiply(gradient, output), { axes: -1, keepAxes: true });
    const slopes = multiply(attended, subtract(matmul(gradient, swapLastAxes(value)), rows));
    return [
      sumTo(multiply(matmul(slopes, key), factor), query.shape),
      sumTo(matmul(swapLastAxes(slopes), scaled), key.shape),
      sumTo(matmul(swapLastAxes(attended), gradient), value.shape),
      ...(inputs.length > 3 && mask ? [sumTo(slopes, mask.shape)] : []),
    ];
  });
}

function widthOf(query: Value, key: Value, value: Value): number {
  const width = query.shape.at(-1);
  const shapes = [query, key, value].map(({ shape }) => showShape(shape)).join(", ");
  const fits = [query, key, value].every(({ shape }) => shape.length >= 2);
  if (!fits || width !== key.shape.at(-1) || key.shape.at(-2) !== value.shape.at(-2))
    throw new GraphError(
      `attention: ${shapes} do not fit: queries and keys need one width, keys and values one number`,
    );
  if (typeof width !== "number") throw new GraphError("attention: the width of a query must be known");
  return width;
}

function softmax(x: Value): Value {
  return apply("Softmax", [x], { axis: { int: -1 } }, { types: [{ dtype: x.dtype, shape: x.shape }] });
}

/** What is added to scores to hide a key: far below any, and finite, so that no NaN comes of it. */
function biasOf(seen: Value): Value {
  return multiply(subtract(seen, 1), seen.dtype === "float16" ? 30_000 : 1e30);
}

/** `[queries, keys]`: 0 where the key is not after the query. */
function causalBias(query: Value, key: Value): Value {
  const rows = unsqueeze(counting(query, query.shape.length - 2), 1);
  const columns = counting(key, key.shape.length - 2);
  return biasOf(cast(lessOrEqual(columns, rows), query.dtype));
}

/** 0, 1, … along an axis. */
function counting(x: Value, axis: number): Value {
  const shape: Shape = [x.shape[axis] ?? 1];
  const types = [{ dtype: "int64" as const, shape }];
  return apply(
    "Range",
    [scalar("int64", 0), reshape(sizeOf(x, axis), []), scalar("int64", 1)],
    {},
    { types },
  );
}

/** The weights of multi-head attention over a width E, as PyTorch has them: `[3 E, E]` for queries, keys and values. */
export interface MultiHeadValues {
  readonly inProjWeight: Value;
  readonly inProjBias?: Value | undefined;
  readonly outProjWeight: Value;
  readonly outProjBias?: Value | undefined;
}

/**
 * Attention in several heads: queries, keys and values `[batch, length, E]` are projected, cut into heads of width E /
 * heads, attended, joined and projected again. A mask broadcasts to `[batch, heads, queries, keys]`.
 *
 * @throws {@link GraphError} where E does not divide into heads, or shapes do not fit
 */
export function multiHeadAttention(
  query: Value,
  key: Value,
  value: Value,
  heads: number,
  { inProjWeight, inProjBias, outProjWeight, outProjBias }: MultiHeadValues,
  options: AttentionOptions = {},
): Value {
  const width = query.shape[2];
  if (query.shape.length !== 3 || typeof width !== "number" || width % heads !== 0)
    throw new GraphError(
      `multi-head attention: queries must be [batch, length, width], the width a multiple of ${heads} heads, not ${showShape(query.shape)}`,
    );
  const isSelf = query === key && key === value;
  const thirds = [width, width, width];
  const [q = query, k = key, v = value] = isSelf
    ? split(linear(query, inProjWeight, inProjBias), thirds, 2)
    : [query, key, value].map((each, index) => {
        const weight = split(inProjWeight, thirds, 0)[index];
        const bias = inProjBias && split(inProjBias, thirds, 0)[index];
        return weight ? linear(each, weight, bias) : each;
      });
  const attended = scaledDotProductAttention(
    intoHeads(q, heads, width),
    intoHeads(k, heads, width),
    intoHeads(v, heads, width),
    options,
  );
  const joined = reshape(transpose(attended, [0, 2, 1, 3]), query.shape, [query]);
  return linear(joined, outProjWeight, outProjBias);
}

/** `[batch, length, width]` as `[batch, heads, length, width / heads]`. */
function intoHeads(x: Value, heads: number, width: number): Value {
  const apart = reshape(x, [...x.shape.slice(0, 2), heads, width / heads], [x]);
  return transpose(apart, [0, 2, 1, 3]);
}
