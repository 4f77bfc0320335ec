/** @file Walks programs: what a value is computed from, in an order in which each comes after what it uses. */
import type { Body, Node, Value } from "./value.ts";

/** Along what of an alias a program is walked: what its gradient flows to, what it stands for, or both. */
export type Through = "gradient" | "computation" | "both";

/** The values that a value directly depends on. */
export function operands(value: Value, through: Through): readonly Value[] {
  const { source } = value;
  switch (source.kind) {
    case "node": {
      const given = source.node.inputs.filter((each) => each !== undefined);
      const captured = capturedByBodies(source.node);
      return captured.length === 0 ? given : [...given, ...captured];
    }
    case "alias":
      if (through === "both") return [source.of, ...source.inputs];
      return through === "gradient" ? source.inputs : [source.of];
    default:
      return [];
  }
}

/** The values that the bodies of a node use from outside. */
export function capturedByBodies({ attributes }: Node): readonly Value[] {
  return Object.values(attributes).flatMap((attribute) =>
    "body" in attribute ? capturedBy(attribute.body) : [],
  );
}

/** The values of a body that depend on its inputs, which are among them: what each run of it computes anew. */
export function insideOf(body: Body): Set<Value> {
  const inside = new Set<Value>(body.inputs);
  const inputs = new Set<Value>(body.inputs);
  for (const value of orderOf(body.outputs, "computation", (each) => inputs.has(each)))
    if (!inputs.has(value) && operands(value, "computation").some((operand) => inside.has(operand)))
      inside.add(value);
  return inside;
}

const captures = new WeakMap<Body, readonly Value[]>();

/** Values from outside that a body uses, apart from data, which each body holds itself. */
export function capturedBy(body: Body): readonly Value[] {
  const known = captures.get(body);
  if (known) return known;
  const inside = insideOf(body);
  const captured = new Set<Value>();
  const note = (value: Value): void => {
    if (!inside.has(value) && value.source.kind !== "data") captured.add(value);
  };
  for (const value of body.outputs) note(value);
  for (const value of inside)
    if (!body.inputs.includes(value)) for (const operand of operands(value, "computation")) note(operand);
  const found = [...captured];
  captures.set(body, found);
  return found;
}

/** All values that the given ones are computed from, themselves included, each after its operands. */
export function orderOf(
  roots: readonly Value[],
  through: Through,
  isLeaf: (value: Value) => boolean = () => false,
): Value[] {
  const ordered: Value[] = [];
  const done = new Set<Value>();
  // Walked with a stack of its own: programs may be deeper than the call stack.
  const stack: { readonly value: Value; readonly ready: boolean }[] = roots
    .toReversed()
    .map((value) => ({ value, ready: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { value, ready } = top;
    if (done.has(value)) continue;
    if (ready) {
      done.add(value);
      ordered.push(value);
      continue;
    }
    stack.push({ value, ready: true });
    if (isLeaf(value)) continue;
    for (const operand of operands(value, through).toReversed())
      if (!done.has(operand)) stack.push({ value: operand, ready: false });
  }
  return ordered;
}
