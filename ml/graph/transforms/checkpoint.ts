/** @file Functions whose inner values are computed twice instead of being kept. */
import { isFloat } from "../dtype.ts";
import { checkpointDomain, checkpointOperator } from "./checkpoint-operator.ts";
import { applyAll } from "../ops/apply.ts";
import { operands, orderOf } from "../order.ts";
import { Tensor } from "../tensor.ts";
import { mapTree, tensors, type Tree } from "../trees.ts";
import { resolve, withGradient, type Value } from "../value.ts";

/**
 * The same function, for less memory and more time in training: of what it computes only the result is kept, and the
 * rest is computed again when its gradient is (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016). What
 * the function uses from outside, such as weights, has its gradient too.
 *
 * @example const block = checkpoint((x: Tensor) => x.add(feedForward(x)));
 */
export function checkpoint<Arguments extends readonly Tree[], Result extends Tree>(
  compute: (...inputs: Arguments) => Result,
): (...inputs: Arguments) => Result {
  return (...inputs) => {
    const given = tensors(inputs).map(({ value }) => value);
    const places = given.map((each) => withGradient(each, [each], (gradient) => [gradient]));
    let next = 0;
    const result = compute(...mapTree(inputs, (each) => new Tensor(places[next++] ?? each.value)));
    const outputs = tensors(result).map(({ value }) => value);
    const outside = valuesFromOutside(places, outputs);
    const kept = applyAll(
      checkpointOperator,
      [...given, ...outside],
      { body: { body: { inputs: places, outputs } } },
      { domain: checkpointDomain, types: outputs },
    );
    let index = 0;
    return mapTree(result, ({ value }) => {
      const node = kept[index++];
      return node ? new Tensor(withGradient(value, [node], (gradient) => [gradient])) : new Tensor(value);
    });
  };
}

/** Values that do not depend on the places, and are used with what does. */
function valuesFromOutside(places: readonly Value[], outputs: readonly Value[]): Value[] {
  const inside = new Set<Value>(places);
  const outside = new Set<Value>();
  const note = (value: Value): void => {
    if (!inside.has(value) && isFloat(value.dtype) && resolve(value).source.kind !== "data")
      outside.add(value);
  };
  const isPlace = new Set(places);
  for (const value of orderOf(outputs, "both", (each) => isPlace.has(each))) {
    if (isPlace.has(value)) continue;
    const used = operands(value, "both");
    if (!used.some((each) => inside.has(each))) continue;
    inside.add(value);
    for (const each of used) note(each);
  }
  for (const output of outputs) note(output);
  return [...outside];
}
