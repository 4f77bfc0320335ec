/**
 * @file The gradient of max pooling after ReLU: where ReLU let nothing through is found on the pooled values.
 *
 * An element that was the largest of its window is positive just where the pooled value is, so the mask is computed and
 * applied on them, which are fewer by the size of the window.
 */
import { cast, greater, multiply } from "./ops/elementwise.ts";
import { apply } from "./ops/apply.ts";
import { knownNumbers, resolve, type Node, type Value } from "./value.ts";

/** A gradient by windows times ReLU's mask, `Mul(gradient, Cast(Greater(x, 0)))`, with the mask moved; else undefined. */
export function maskPooled(node: Node): Value | undefined {
  const [gradient, mask] = node.inputs;
  const comparison = madeBy(madeBy(mask, "Cast")?.inputs[0], "Greater");
  const [x, zero] = comparison?.inputs ?? [];
  if (!gradient || !x || zero?.shape.length !== 0 || knownNumbers(zero)?.[0] !== 0) return undefined;
  const padding = madeBy(gradient, "Pad");
  if (padding && padding.inputs.length > 2) return undefined;
  const inside = masked(padding ? padding.inputs[0] : gradient, x);
  return inside && padding ? apply("Pad", [inside, ...padding.inputs.slice(1)], padding.attributes) : inside;
}

/** `Mul(Cast(Equal(x, Resize(y))), Resize(gradient))` for `y = MaxPool(x)`, with the gradient masked where y is not positive. */
function masked(gradient: Value | undefined, x: Value): Value | undefined {
  const product = madeBy(gradient, "Mul");
  const [isLargest, shares] = product?.inputs ?? [];
  const [seen, largest] = madeBy(madeBy(isLargest, "Cast")?.inputs[0], "Equal")?.inputs ?? [];
  const pooled = madeBy(largest, "Resize")?.inputs[0];
  const spread = madeBy(shares, "Resize");
  const ofWindows = spread?.inputs[0];
  const whole = madeBy(seen, "Slice")?.inputs[0] ?? seen;
  const pooledFrom = madeBy(pooled, "MaxPool")?.inputs[0];
  if (!isLargest || !shares || !spread || !ofWindows || !pooled || !whole || !pooledFrom) return undefined;
  if (resolve(whole) !== resolve(x) || resolve(pooledFrom) !== resolve(x)) return undefined;
  const passed = multiply(ofWindows, cast(greater(pooled, 0), ofWindows.dtype));
  const types = [{ dtype: shares.dtype, shape: shares.shape }];
  const again = apply("Resize", [passed, ...spread.inputs.slice(1)], spread.attributes, { types });
  return multiply(isLargest, again);
}

function madeBy(value: Value | undefined, operator: string): Node | undefined {
  const source = value && resolve(value).source;
  const isIt = source?.kind === "node" && source.node.operator === operator && source.node.domain === "";
  return isIt ? source.node : undefined;
}
