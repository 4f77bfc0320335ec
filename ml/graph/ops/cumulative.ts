/** @file Sums and products of all elements up to each one along an axis. */
import { GraphError } from "../errors.ts";
import { normalAxis, showShape } from "../shape.ts";
import { constant, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import { multiply } from "./elementwise.ts";
import { concat, slice } from "./shape-ops.ts";

/** The sum of the elements up to and including each along an axis; from the end with `reverse`. */
export function cumsum(x: Value, axis: number, reverse = false): Value {
  const along = constant("int64", BigInt64Array.of(BigInt(normalAxis("cumsum", axis, x.shape.length))), []);
  return apply("CumSum", [x, along], reverse ? { reverse: { int: 1 } } : {});
}

/**
 * The product of the elements up to and including each along an axis: in ⌈log₂ n⌉ rounds, each of which multiplies by the
 * products that end twice as far back (Hillis and Steele, "Data Parallel Algorithms", 1986). Nothing is divided, so zeros
 * do no harm to the gradient.
 * @throws {@link GraphError} when the axis' size isn't known
 */
export function cumprod(x: Value, axis: number): Value {
  const along = normalAxis("cumprod", axis, x.shape.length);
  const size = x.shape[along];
  if (typeof size !== "number")
    throw new GraphError(`cumprod: the size of axis ${along} of ${showShape(x.shape)} must be known`);
  let products = x;
  for (let reach = 1; reach < size; reach *= 2) {
    const settled = slice(products, [{ axis: along, start: 0, end: reach }]);
    const later = slice(products, [{ axis: along, start: reach }]);
    const earlier = slice(products, [{ axis: along, start: 0, end: -reach }]);
    products = concat([settled, multiply(later, earlier)], along);
  }
  return products;
}
