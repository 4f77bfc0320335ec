/** @file Functions to their derivatives. */
import { GraphError } from "../errors.ts";
import { gradients } from "../gradients.ts";
import { zerosLike } from "../ops/zeros.ts";
import { Tensor } from "../tensor.ts";
import { mapTree, tensors, type Tree } from "../trees.ts";
import { withGradient } from "../value.ts";

/** A function's value with the gradient with respect to its first argument. */
export interface ValueAndGradient<Value, Gradient> {
  readonly value: Value;
  readonly gradient: Gradient;
}

/**
 * The derivative of a function that gives a scalar, with respect to its first argument, which may be a tree of tensors.
 * What the function does not depend on has gradient 0. The derivative is a function like any other: it can be
 * differentiated again.
 *
 * @throws {@link GraphError} when the function gives no scalar, or computes it by an operator without a gradient
 */
export function grad<First extends Tree, Rest extends readonly unknown[]>(
  of: (first: First, ...rest: Rest) => Tensor<readonly []>,
): (first: First, ...rest: Rest) => First {
  const both = valueAndGrad(of);
  return (first, ...rest) => both(first, ...rest).gradient;
}

/** As {@link grad}, with the function's value beside the gradient. */
export function valueAndGrad<
  First extends Tree,
  Rest extends readonly unknown[],
  Result extends Tensor<readonly []>,
>(
  of: (first: First, ...rest: Rest) => Result,
): (first: First, ...rest: Rest) => ValueAndGradient<Result, First> {
  return (first, ...rest) => {
    // The same tensor may stand in the tree twice, or be used in the function from outside: only these places count.
    const places = mapTree(first, (each) => new Tensor(withGradient(each.value, [each.value], (g) => [g])));
    const value = of(places, ...rest);
    if (!(value instanceof Tensor)) throw new GraphError("grad: the function gives no tensor");
    const wanted = tensors(places).map((each) => each.value);
    const found = gradients(value.value, wanted);
    let index = 0;
    const gradient = mapTree(first, (each) => new Tensor(found[index++] ?? zerosLike(each.value)));
    return { value, gradient };
  };
}

/** The same tensor, through which no gradient flows. */
export function stopGradient<T extends Tensor>(x: T): T {
  // SAFETY: shape and type are the same.
  return new Tensor(withGradient(x.value, [], () => [])) as T;
}
