/** @file Rewrites single nodes to something simpler that computes the same, whatever the inputs. */
import { sameShape } from "./shape.ts";
import { maskPooled } from "./simplify-pooling.ts";
import { knownNumbers, resolve, type Node, type Value } from "./value.ts";

/** Whether a value is given where the node stands: what computes it elsewhere must not be looked at. */
type IsGiven = (value: Value) => boolean;

/** A value that equals the node's one output and costs less; undefined where none is known. */
export function simplify(node: Node, isGiven: IsGiven): Value | undefined {
  if (node.domain !== "" || node.outputs.length !== 1) return undefined;
  const [output] = node.outputs;
  const simpler = rules[node.operator]?.(node, isGiven);
  // A rule may not change the type: an addition of a larger zero also stretches.
  return simpler && output && simpler.dtype === output.dtype && sameShape(simpler.shape, output.shape)
    ? simpler
    : undefined;
}

const rules: Readonly<Record<string, (node: Node, isGiven: IsGiven) => Value | undefined>> = {
  Identity: ({ inputs: [x] }) => x,
  Mul: (node) => {
    const [a, b] = node.inputs;
    return isAll(b, 1) ? a : isAll(a, 1) ? b : maskPooled(node);
  },
  Div: ({ inputs: [a, b] }) => (isAll(b, 1) ? a : undefined),
  Add: ({ inputs: [a, b] }) => (isAll(b, 0) ? a : isAll(a, 0) ? b : undefined),
  Sub: ({ inputs: [a, b] }) => (isAll(b, 0) ? a : undefined),
  Pow: ({ inputs: [a, b] }) => (isAll(b, 1) ? a : undefined),
  Neg: ({ inputs: [x] }, isGiven) => maker(x, "Neg", isGiven)?.inputs[0],
  Cast: ({ inputs: [x] }) => x,
  Expand: ({ inputs: [x] }) => x,
  Reshape: ({ inputs: [x] }) => x ?? undefined,
  Transpose: (node, isGiven) => {
    const inner = maker(node.inputs[0], "Transpose", isGiven);
    if (!inner) return undefined;
    const outerOrder = order(node);
    const innerOrder = order(inner);
    const both = outerOrder?.map((axis) => innerOrder?.[axis]);
    return both?.every((axis, position) => axis === position) ? inner.inputs[0] : undefined;
  },
};

function isAll(value: Value | undefined, number: number): boolean {
  if (!value || value.dtype === "float16" || value.dtype === "bfloat16" || value.shape.length > 0)
    return false;
  return knownNumbers(value)?.[0] === number;
}

/** The node that computes a value, where it is one of that operator. */
function maker(value: Value | undefined, operator: string, isGiven: IsGiven): Node | undefined {
  if (!value || isGiven(value) || isGiven(resolve(value))) return undefined;
  const { source } = resolve(value);
  return source.kind === "node" && source.node.operator === operator ? source.node : undefined;
}

function order(node: Node): readonly number[] | undefined {
  const attribute = node.attributes["perm"];
  return attribute && "ints" in attribute ? attribute.ints : undefined;
}
