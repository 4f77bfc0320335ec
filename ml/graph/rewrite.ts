/**
 * @file Programs rebuilt with some of their values replaced: what checkpointing, batching and mixed precision have in
 * common.
 *
 * What nothing replaced leads to stays the very same value. The rules of custom gradients are rewritten with what they
 * belong to: what a rule makes of the old values is made of the new ones.
 */
import { GraphError } from "./errors.ts";
import { applyAll, atSite } from "./ops/apply.ts";
import { capturedBy, orderOf } from "./order.ts";
import {
  input,
  withGradient,
  type Attributes,
  type Body,
  type Node,
  type Source,
  type Value,
} from "./value.ts";

/** A value that is another's alias. */
export type AliasSource = Extract<Source, { kind: "alias" }>;

/** Rebuilds programs; subclasses change how. Each value is rewritten once. */
export class Rewriter {
  readonly #found: Map<Value, Value>;

  constructor(replacements: Iterable<readonly [Value, Value]> = []) {
    this.#found = new Map(replacements);
  }

  /** What stands for values, in order. */
  rewrite(values: readonly Value[]): Value[] {
    for (const value of orderOf(values, "computation", (each) => this.#found.has(each))) {
      if (this.#found.has(value)) continue;
      const { source } = value;
      if (source.kind === "node") {
        const outputs = atSite(source.node.site, () => this.rewriteNode(source.node));
        for (const [index, output] of source.node.outputs.entries())
          this.replace(output, outputs[index] ?? output);
      } else
        this.replace(
          value,
          source.kind === "alias" ? this.rewriteAlias(value, source) : this.rewriteLeaf(value),
        );
    }
    return values.map((value) => this.find(value));
  }

  /** Says what stands for a value. */
  protected replace(value: Value, by: Value): void {
    this.#found.set(value, by);
  }

  /** What stands for a value that was rewritten. */
  protected find(value: Value): Value {
    const found = this.#found.get(value);
    if (!found) throw new GraphError("a value was used before it was rewritten");
    return found;
  }

  /** What stands for data, inputs and the like: themselves. */
  protected rewriteLeaf(value: Value): Value {
    return value;
  }

  /** What stands for the outputs of a node whose operands are rewritten. */
  protected rewriteNode(node: Node): readonly Value[] {
    const inputs = node.inputs.map((each) => each && this.find(each));
    const attributes = this.rewriteAttributes(node);
    const isSame = inputs.every((each, index) => each === node.inputs[index]);
    if (isSame && attributes === node.attributes) return node.outputs;
    const { operator, domain, outputs } = node;
    return applyAll(operator, inputs, attributes, { domain, types: outputs });
  }

  /** A node's attributes, its bodies rewritten. */
  protected rewriteAttributes(node: Node): Attributes {
    return this.changesBodies(node) ? this.#rewriteBodies(node.attributes) : node.attributes;
  }

  /** Whether a body of the node uses a value from outside that was replaced. */
  protected changesBodies({ attributes }: Node): boolean {
    return Object.values(attributes).some(
      (attribute) =>
        "body" in attribute && capturedBy(attribute.body).some((each) => this.find(each) !== each),
    );
  }

  #rewriteBodies(attributes: Attributes): Attributes {
    return Object.fromEntries(
      Object.entries(attributes).map(([name, attribute]) => {
        if (!("body" in attribute)) return [name, attribute];
        return [name, { body: this.rewriteBody(attribute.body) }];
      }),
    );
  }

  /** What stands for the program inside a node. */
  protected rewriteBody({ inputs, outputs }: Body): Body {
    return { inputs: this.rewrite(inputs), outputs: this.rewrite(outputs) };
  }

  /** What stands for an alias: an alias again, with its rule rewritten. */
  protected rewriteAlias(value: Value, source: AliasSource): Value {
    const of = this.find(source.of);
    const inputs = this.rewrite(source.inputs);
    if (of === source.of && inputs.every((each, index) => each === source.inputs[index])) return value;
    return withGradient(of, inputs, (gradient) => {
      const parts = this.rewriteRule(value, source, gradient);
      return parts.map((part) => part && this.find(part));
    });
  }

  /** The gradients by an alias' own rule, rewritten so that {@link find} gives what stands for them. */
  protected rewriteRule(
    { dtype, shape }: Value,
    source: AliasSource,
    gradient: Value,
  ): readonly (Value | undefined)[] {
    // The rule belongs to the old values: it is given a place of the old type, in which the new gradient stands.
    const place = input("gradient", dtype, shape);
    this.replace(place, gradient);
    const parts = source.gradient(place);
    this.rewrite(parts.filter((part) => part !== undefined));
    return parts;
  }
}
