/** @file Products with a sigmoid gate. */
import { withGradient, type Value } from "../value.ts";
import { multiply, sigmoid, subtract } from "./elementwise.ts";

/**
 * `x · σ(gate)`, of one shape. The gate's gradient is taken from the result, `σ' x = x σ (1 - σ)`: one product less than
 * by the rules of its parts.
 */
export function gated(x: Value, gate: Value): Value {
  const open = sigmoid(gate);
  const result = multiply(x, open);
  return withGradient(result, [x, gate], (gradient) => [
    multiply(gradient, open),
    multiply(multiply(gradient, result), subtract(1, open)),
  ]);
}
