/**
 * @file Programs in float32 rewritten so that products of matrices and convolutions are of halves.
 *
 * The choice by operator follows Micikevicius et al., "Mixed Precision Training" (2018): what multiplies matrices is
 * done in half precision, what only moves elements keeps what it is given, all else is done in float32.
 */
import type { Body, Node, Value } from "../value.ts";
import { applyAll } from "../ops/apply.ts";
import { cast } from "../ops/elementwise.ts";
import { Rewriter, type AliasSource } from "../rewrite.ts";
import { resolve, withGradient } from "../value.ts";

/** The element types of half precision. */
export type HalfDType = "float16" | "bfloat16";

const products = new Set(["MatMul", "Gemm", "FusedMatMul", "Conv", "ConvTranspose", "Einsum"]);
const movers = new Set(
  (
    "Reshape Flatten Transpose Squeeze Unsqueeze Expand Slice Split Concat Pad Gather GatherND GatherElements Tile " +
    "Identity Relu LeakyRelu Neg Abs Max Min MaxPool"
  ).split(" "),
);

/** Rewrites what depends on the places into half precision where that pays. */
export class HalfPrecision extends Rewriter {
  readonly #half: HalfDType;
  readonly #inside = new Set<Value>();

  /** @param places values, each with what stands for it: the program from there on is rewritten */
  constructor(places: readonly (readonly [Value, Value])[], half: HalfDType) {
    super(places);
    this.#half = half;
  }

  /** What stands for values, in the types that they had. */
  rewriteWide(values: readonly Value[]): Value[] {
    return this.rewrite(values).map((each, index) => cast(each, values[index]?.dtype ?? each.dtype));
  }

  #isInside(value: Value): boolean {
    return this.#inside.has(value) || this.find(value) !== value;
  }

  protected override rewriteNode(node: Node): readonly Value[] {
    if (!node.inputs.some((each) => each && this.#isInside(each)) && !this.changesBodies(node))
      return node.outputs;
    for (const output of node.outputs) this.#inside.add(output);
    const isHalf =
      products.has(node.operator) || (movers.has(node.operator) && this.#isGivenHalves(node.inputs));
    const inputs = node.inputs.map((each) => {
      if (!each) return undefined;
      const found = this.find(each);
      return isHalf && each.dtype === "float32" ? cast(found, this.#half) : cast(found, each.dtype);
    });
    const types = node.outputs.map(({ dtype, shape }) => ({
      dtype: isHalf && dtype === "float32" ? this.#half : dtype,
      shape,
    }));
    return applyAll(node.operator, inputs, this.rewriteAttributes(node), { domain: node.domain, types });
  }

  /** Whether a value that is computed comes in half precision, and none in float32. */
  #isGivenHalves(inputs: readonly (Value | undefined)[]): boolean {
    const computed = inputs.flatMap((each) =>
      each?.dtype === "float32" && resolve(each).source.kind !== "data" ? [this.find(each).dtype] : [],
    );
    return computed.length > 0 && computed.every((dtype) => dtype === this.#half);
  }

  protected override rewriteBody({ inputs, outputs }: Body): Body {
    return { inputs: this.rewrite(inputs), outputs: this.rewriteWide(outputs) };
  }

  /** Rules of custom gradients are given and give what they did: float32. */
  protected override rewriteAlias(value: Value, source: AliasSource): Value {
    const inputs = this.rewriteWide(source.inputs);
    if (!this.#isInside(source.of) && !source.inputs.some((each) => this.#isInside(each))) return value;
    this.#inside.add(value);
    const of = cast(this.find(source.of), value.dtype);
    return withGradient(of, inputs, (gradient) => {
      const parts = this.rewriteRule(value, source, gradient);
      return parts.map((part) => part && cast(this.find(part), part.dtype));
    });
  }
}
