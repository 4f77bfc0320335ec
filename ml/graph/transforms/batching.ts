/**
 * @file Programs over one element made programs over a batch.
 *
 * Of what stands for a value, the batch axis is the first, or it is the same for all elements and has none.
 */
import { GraphError } from "../errors.ts";
import { checkpointBody, checkpointDomain } from "./checkpoint-operator.ts";
import { findBatchRule } from "../operators/batch/index.ts";
import { sum } from "../ops/reduce.ts";
import { applyAll, type BatchContext } from "../ops/apply.ts";
import { gather } from "../ops/gather.ts";
import { broadcastTo, concat, reshape, unsqueeze } from "../ops/shape-ops.ts";
import { Rewriter, type AliasSource } from "../rewrite.ts";
import type { Dimension } from "../shape.ts";
import { integers, withGradient, type Node, type Value } from "../value.ts";

/** Rewrites programs on places for one element into programs on the batches that stand for them. */
export class Batching extends Rewriter {
  readonly #batched: Set<Value>;
  readonly #size: Dimension;
  readonly #like: Value;

  /**
   * @param places the values of one element, each with the batch that stands for it, its batch axis first
   * @throws {@link GraphError} when there are none, or they differ in the size of the batch
   */
  constructor(places: readonly (readonly [Value, Value])[]) {
    super(places);
    const [first] = places;
    if (!first) throw new GraphError("vmap: no argument has a batch axis");
    this.#like = first[1];
    this.#size = first[1].shape[0] ?? 1;
    const other = places.find(([, batch]) => batch.shape[0] !== this.#size);
    if (other)
      throw new GraphError(
        `vmap: the arguments differ in the size of the batch: ${this.#size} and ${other[1].shape[0]}`,
      );
    this.#batched = new Set(places.map(([, batch]) => batch));
  }

  /** What stands for values, each with the batch axis first. */
  batch(values: readonly Value[]): Value[] {
    return this.rewrite(values).map((each) => this.#stretch(each));
  }

  #stretch(x: Value): Value {
    return this.#batched.has(x) ? x : broadcastTo(x, [this.#size, ...x.shape], [this.#like]);
  }

  #mark(x: Value): Value {
    this.#batched.add(x);
    return x;
  }

  /** Each element draws for itself. */
  protected override rewriteLeaf(value: Value): Value {
    const { source, dtype, shape } = value;
    return source.kind === "random" ? this.#mark({ dtype, shape: [this.#size, ...shape], source }) : value;
  }

  protected override rewriteNode(node: Node): readonly Value[] {
    const inputs = node.inputs.map((each) => each && this.find(each));
    const batched = inputs.map((each) => each !== undefined && this.#batched.has(each));
    if (!batched.includes(true) && !this.changesBodies(node)) return super.rewriteNode(node);
    if (node.domain === checkpointDomain) return this.#checkpoint(node, inputs);
    if (Object.values(node.attributes).some((attribute) => "body" in attribute))
      throw new GraphError(`vmap: a repeated step (${node.operator}) can't be batched`);
    const context: BatchContext = { inputs, batched, size: this.#size, attributes: node.attributes, node };
    const rule = findBatchRule(node.operator, node.domain);
    const outputs = rule ? rule(context) : this.#oneByOne(context);
    if ("shared" in outputs) return outputs.shared;
    for (const output of outputs) this.#mark(output);
    return outputs;
  }

  /** A checkpoint of the batched program: its body's inputs stand for the node's, and are batched as these are. */
  #checkpoint(node: Node, inputs: readonly (Value | undefined)[]): readonly Value[] {
    const body = checkpointBody(node.attributes);
    const outputs = this.batch(body.outputs);
    const attributes = { body: { body: { inputs: this.rewrite(body.inputs), outputs } } };
    const { operator, domain } = node;
    return applyAll(operator, inputs, attributes, { domain, types: outputs }).map((each) => this.#mark(each));
  }

  #oneByOne({ inputs, batched, node }: BatchContext): readonly Value[] {
    const size = this.#size;
    if (typeof size === "string")
      throw new GraphError(`vmap: ${node.operator} has no rule for a batch of unknown size "${size}"`);
    const { operator, domain, attributes, outputs } = node;
    const elements = Array.from({ length: size }, (_, index) => {
      const position = reshape(integers([index]), []);
      const picked = inputs.map((each, at) => (each && batched[at] ? gather(each, position) : each));
      return applyAll(operator, picked, attributes, { domain, types: outputs });
    });
    return outputs.map((_, at) =>
      concat(
        elements.flatMap((each) => {
          const output = each[at];
          return output ? [unsqueeze(output, 0)] : [];
        }),
        0,
      ),
    );
  }

  protected override rewriteAlias(value: Value, source: AliasSource): Value {
    const of = this.find(source.of);
    const inputs = this.rewrite(source.inputs);
    const isBatched = this.#batched.has(of);
    if (!isBatched && !inputs.some((each) => this.#batched.has(each)))
      return super.rewriteAlias(value, source);
    const alias = withGradient(this.#stretch(of), inputs, (gradient) => {
      const parts = this.rewriteRule(value, source, this.#mark(gradient));
      return parts.map((part, index) => {
        const found = part && this.find(part);
        const input = inputs[index];
        if (!found || !input) return undefined;
        if (this.#batched.has(input)) return this.#stretch(found);
        // What all elements share receives the gradients of all.
        return sum(this.#stretch(found), { axes: 0 });
      });
    });
    return this.#mark(alias);
  }
}
