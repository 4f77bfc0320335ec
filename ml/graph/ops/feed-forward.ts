/** @file The two linear maps of a transformer block, with GELU between them. */
import type { Value } from "../value.ts";
import { withGradient } from "../value.ts";
import { add, erf, exp, multiply, square, subtract } from "./elementwise.ts";
import { asMatrix, gemm } from "./matmul.ts";
import { reshape } from "./shape-ops.ts";

/** A linear map: `x · weight + bias`. */
export interface LinearMap {
  readonly weight: Value;
  readonly bias: Value;
}

/**
 * `gelu(x · wide + …) · narrow + …` over the last axis: `[..., width]` to the same. GELU's factors √½ are put into the
 * products, which scale at no cost; so it takes three passes over memory, and its gradient six.
 */
export function geluFeedForward(x: Value, wide: LinearMap, narrow: LinearMap): Value {
  const bias = multiply(wide.bias, Math.SQRT1_2);
  const scaled = gemm(asMatrix(x), wide.weight, bias, { scale: Math.SQRT1_2 });
  // With u = √2 a: gelu(u) = u (1 + erf a) / 2 = √½ · a (1 + erf a).
  const doubled = add(erf(scaled), 1);
  const inner = withGradient(multiply(scaled, doubled), [scaled], (gradient) => {
    const density = exp(subtract(Math.log(2 / Math.sqrt(Math.PI)), square(scaled)));
    return [multiply(gradient, add(doubled, multiply(scaled, density)))];
  });
  const product = gemm(inner, narrow.weight, narrow.bias, { scale: Math.SQRT1_2 });
  return reshape(product, [...x.shape.slice(0, -1), narrow.weight.shape[1] ?? 1], [x]);
}
