/** @file Reverse-mode differentiation of a program (Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3). */
import { isFloat } from "./dtype.ts";
import { GraphError } from "./errors.ts";
import { add } from "./ops/elementwise.ts";
import { findOperator } from "./operators/index.ts";
import { atSite } from "./ops/apply.ts";
import { capturedByBodies, orderOf } from "./order.ts";
import { sameShape, showShape } from "./shape.ts";
import { scalar, type Node, type Value } from "./value.ts";

/**
 * The gradients of a scalar with respect to values that it is computed from.
 *
 * @returns one for each, of its shape; undefined for a value that the scalar does not depend on
 * @throws {@link GraphError} when the value is no scalar of a floating type, or depends on one through an operator that
 *   has no gradient
 */
export function gradients(of: Value, withRespectTo: readonly Value[]): (Value | undefined)[] {
  if (of.shape.length > 0)
    throw new GraphError(
      `only a scalar has a gradient, not ${showShape(of.shape)}: take its mean or sum first`,
    );
  if (!isFloat(of.dtype)) throw new GraphError(`a value of type ${of.dtype} has no gradient`);
  return pullBack([of], [scalar(of.dtype, 1)], withRespectTo);
}

/**
 * From gradients of outputs, the gradients of the values that they are computed from: the product of a vector with the
 * Jacobian.
 * @param isLeaf values that gradients reach but do not flow through
 */
export function pullBack(
  outputs: readonly Value[],
  outputGradients: readonly (Value | undefined)[],
  withRespectTo: readonly Value[],
  isLeaf: (value: Value) => boolean = () => false,
): (Value | undefined)[] {
  const wanted = new Set<Value>(withRespectTo);
  const order = orderOf(outputs, "gradient", isLeaf);
  const nodeOutputs = new Map<Node, Value[]>();
  for (const value of order) {
    const { source } = value;
    if (isLeaf(value)) continue;
    if (source.kind === "node") {
      const known = nodeOutputs.get(source.node);
      if (known) known.push(value);
      else nodeOutputs.set(source.node, [value]);
      if (flowsTo(source.node).some((each) => each && wanted.has(each) && isFloat(each.dtype)))
        wanted.add(value);
    } else if (source.kind === "alias" && source.inputs.some((each) => wanted.has(each))) wanted.add(value);
  }
  const found = new Map<Value, Value>();
  const give = (value: Value | undefined, gradient: Value | undefined): void => {
    if (!value || !gradient || !wanted.has(value)) return;
    if (!sameShape(value.shape, gradient.shape))
      throw new GraphError(
        `a gradient of shape ${showShape(gradient.shape)} was made for a value of shape ${showShape(value.shape)}`,
      );
    const sum = found.get(value);
    found.set(value, sum ? add(sum, gradient) : gradient);
  };
  for (const [index, output] of outputs.entries()) give(output, outputGradients[index]);
  for (const value of order.toReversed()) {
    const { source } = value;
    if (isLeaf(value)) continue;
    if (source.kind === "alias") {
      const gradient = found.get(value);
      if (!gradient || !wanted.has(value)) continue;
      const parts = source.gradient(gradient);
      for (const [index, each] of source.inputs.entries()) give(each, parts[index]);
    } else if (source.kind === "node") {
      const { node } = source;
      // All outputs of a node are due at once: with the one that comes first in the order, the last seen here.
      if (nodeOutputs.get(node)?.[0] !== value) continue;
      const parts = nodeGradients(node, found, wanted);
      for (const [index, each] of flowsTo(node).entries()) give(each, parts[index]);
    }
  }
  return withRespectTo.map((value) => found.get(value));
}

/** What gradients flow to from a node: its inputs, then what its bodies use from outside. */
function flowsTo(node: Node): readonly (Value | undefined)[] {
  const captured = capturedByBodies(node);
  return captured.length === 0 ? node.inputs : [...node.inputs, ...captured];
}

function nodeGradients(
  node: Node,
  found: ReadonlyMap<Value, Value>,
  wanted: ReadonlySet<Value>,
): readonly (Value | undefined)[] {
  const outputGradients = node.outputs.map((output) => found.get(output));
  const first = outputGradients.find((gradient) => gradient !== undefined);
  if (!first || !flowsTo(node).some((each) => each && wanted.has(each))) return [];
  const rule = findOperator(node.operator, node.domain)?.gradient;
  if (!rule) {
    // What gives whole numbers or truth values is constant almost everywhere.
    if (node.outputs.every(({ dtype }) => !isFloat(dtype))) return [];
    if (["Sign", "Floor", "Ceil", "Round"].includes(node.operator)) return [];
    throw new GraphError(`the operator ${node.operator} has no gradient; stopGradient() passes it by`, {
      cause: node.site,
    });
  }
  return atSite(node.site, () =>
    rule({
      inputs: node.inputs,
      outputs: node.outputs,
      attributes: node.attributes,
      gradients: outputGradients,
      gradient: outputGradients[0] ?? first,
      isWanted: (value) => wanted.has(value),
      pullBack,
    }),
  );
}
