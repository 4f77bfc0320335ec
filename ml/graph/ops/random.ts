/**
 * @file Random values. In a program they are sources that each run draws anew, numbered in the order in which they were
 * traced; outside of one they are drawn at once.
 */
import { getRandomValues } from "node:crypto";
import { isFloat } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { fillRandom, type Distribution } from "../random-source.ts";
import { elementCount, knownSizes, showShape } from "../shape.ts";
import { constant, type Value } from "../value.ts";
import { cast, multiply } from "./elementwise.ts";

let traced: { count: number } | undefined;
let drawn = 0;
let ownSeed: number | undefined;

/** Traces a program: the random sources made meanwhile are its own, numbered from 0. */
export function traceRandom<T>(trace: () => T): T {
  const before = traced;
  traced = { count: 0 };
  try {
    return trace();
  } finally {
    traced = before;
  }
}

/** A seed that nobody chose. */
export function freshSeed(): number {
  return getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/**
 * A random value of another's shape, and of its element type where that is a float.
 * @throws {@link GraphError} outside of a program where a size is not known
 */
export function randomLike(like: Value, distribution: Distribution): Value {
  const { shape } = like;
  const value: Value = traced
    ? { dtype: "float32", shape, source: { kind: "random", distribution, stream: traced.count++ } }
    : draw(like, distribution);
  return isFloat(like.dtype) ? cast(value, like.dtype) : value;
}

function draw({ shape }: Value, distribution: Distribution): Value {
  const sizes = knownSizes(shape);
  const count = elementCount(shape);
  if (!sizes || count === undefined)
    throw new GraphError(
      `a random tensor of shape ${showShape(shape)} has its sizes only when a program runs: compile it with jit()`,
    );
  const data = new Float32Array(count);
  ownSeed ??= freshSeed();
  fillRandom({ distribution, seed: ownSeed, step: drawn++, stream: 0 }, data);
  return constant("float32", data, sizes);
}

/**
 * Each element 0 with probability `rate`, else divided by `1 - rate` (Srivastava et al., "Dropout", 2014, in the inverted
 * form, so that the expectation stays).
 *
 * @throws {@link GraphError} when the rate is not in [0, 1)
 */
export function dropout(x: Value, rate: number): Value {
  if (!(rate >= 0 && rate < 1)) throw new GraphError(`dropout: the rate must be in [0, 1), not ${rate}`);
  if (!isFloat(x.dtype)) throw new GraphError(`dropout: elements of type ${x.dtype} can't be scaled`);
  if (rate === 0) return x;
  // As the elements are kept: the expectation must be exact.
  const probability = Math.max(1, Math.round((1 - rate) * 2 ** 16)) / 2 ** 16;
  return multiply(x, randomLike(x, { kind: "bernoulli", probability, value: 1 / probability }));
}
