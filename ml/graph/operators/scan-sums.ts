/** @file Sums over the steps of a scan that are computed at once from what the steps collect. */
import { asMatrix, gemm } from "../ops/matmul.ts";
import { intAttribute, intsAttribute } from "../ops/apply.ts";
import { add } from "../ops/elementwise.ts";
import { sum } from "../ops/reduce.ts";
import { reshape } from "../ops/shape-ops.ts";
import { sameShape, type Shape } from "../shape.ts";
import { knownNumbers, resolve, type Node, type Value } from "../value.ts";

/** How a sum over steps is computed at the end. */
export interface StepSum {
  /** What must be collected of each step. */
  readonly operands: readonly Value[];
  /** The sum, from the stacked operands. */
  readonly total: (stacked: (operand: Value) => Value) => Value;
}

/**
 * How the sum over steps of a step's value is computed at the end instead of being added up on the way: products
 * `aᵀ · b`, sums over axes, and sums of such. Undefined for any other.
 * @param shape the sum's
 */
export function sumOverSteps(value: Value, shape: Shape): StepSum | undefined {
  const root = resolve(value);
  if (root.source.kind !== "node") return undefined;
  const { node } = root.source;
  switch (node.operator) {
    case "Gemm":
      return productSum(node, shape);
    case "Reshape": {
      const [x] = node.inputs;
      return x && sumOverSteps(x, shape);
    }
    case "ReduceSum":
      return reductionSum(node, shape);
    case "Add": {
      const [a, b] = node.inputs.map((each) =>
        each && sameShape(each.shape, root.shape) ? sumOverSteps(each, shape) : undefined,
      );
      if (!a || !b) return undefined;
      return {
        operands: [...a.operands, ...b.operands],
        total: (stacked) => add(a.total(stacked), b.total(stacked)),
      };
    }
    default:
      return undefined;
  }
}

/** The sum of `aᵀ · b` over steps: of all rows of `a` by all rows of `b`. */
function productSum({ inputs, attributes }: Node, shape: Shape): StepSum | undefined {
  const [a, b, c] = inputs.map((each) => each && resolve(each));
  const isPlain = !("alpha" in attributes) && intAttribute(attributes, "transB", 0) === 0;
  if (!a || !b || c || !isPlain || intAttribute(attributes, "transA", 0) === 0) return undefined;
  return {
    operands: [a, b],
    total: (stacked) =>
      reshape(gemm(asMatrix(stacked(a)), asMatrix(stacked(b)), undefined, { transposeA: true }), shape),
  };
}

function reductionSum({ inputs, attributes }: Node, shape: Shape): StepSum | undefined {
  const x = inputs[0] && resolve(inputs[0]);
  const axes = intsAttribute(attributes, "axes") ?? knownNumbers(inputs[1]);
  if (!x || !axes?.every((axis) => axis >= 0)) return undefined;
  return {
    operands: [x],
    total: (stacked) => reshape(sum(stacked(x), { axes: [0, ...axes.map((axis) => axis + 1)] }), shape),
  };
}
