/** @file The rules of reductions over axes. */
import { GraphError } from "../errors.ts";
import { normalAxes, type Shape } from "../shape.ts";
import { knownNumbers, type Attributes, type Value, type ValueType } from "../value.ts";
import {
  defineOperator,
  intAttribute,
  intsAttribute,
  required,
  type Application,
  type GradientContext,
} from "../ops/apply.ts";
import { countOver } from "../ops/count.ts";
import * as op from "../ops/elementwise.ts";
import { product, sum } from "../ops/reduce.ts";
import { broadcastTo, reshape } from "../ops/shape-ops.ts";

type Reduction = Pick<Application, "inputs"> & {
  readonly attributes: Attributes;
  readonly operator?: string;
};

/** The axes that a reduction names: as an attribute in older operator sets, as an input in newer ones. */
function reducedAxes(reduction: Reduction): number[] {
  const x = required(reduction, 0);
  const second = reduction.inputs[1];
  const axes = intsAttribute(reduction.attributes, "axes") ?? knownNumbers(second);
  if (second && !axes) throw new GraphError("a reduction's axes must be known when the program is traced");
  const named = axes && axes.length > 0 ? axes : undefined;
  if (!named && intAttribute(reduction.attributes, "noop_with_empty_axes", 0) === 1) return [];
  return normalAxes(reduction.operator ?? "a reduction", named, x.shape.length);
}

function reducedType(reduction: Reduction): ValueType {
  const x = required(reduction, 0);
  const axes = reducedAxes(reduction);
  const kept = withOnes(x.shape, axes);
  const keep = intAttribute(reduction.attributes, "keepdims", 1) === 1;
  return { dtype: x.dtype, shape: keep ? kept : kept.filter((_, axis) => !axes.includes(axis)) };
}

function withOnes(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** A gradient rule that sees the operand, its axes, and result and gradient with the reduced axes kept. */
function defineReduction(
  name: string,
  gradient: (x: Value, axes: readonly number[], output: Value, gradient: Value) => Value,
): void {
  defineOperator(name, {
    infer: (application) => [reducedType(application)],
    gradient: (context: GradientContext) => {
      const x = required(context, 0);
      const [output] = context.outputs;
      if (!output) throw new GraphError(`${name} has no output`);
      const axes = reducedAxes(context);
      const kept = withOnes(x.shape, axes);
      const found = gradient(x, axes, reshape(output, kept, [x]), reshape(context.gradient, kept, [x]));
      return [broadcastTo(found, x.shape, [x])];
    },
  });
}

/** The gradient shared by all elements that equal the extreme, as PyTorch's `amax` has it. */
function extremeGradient(x: Value, axes: readonly number[], output: Value, gradient: Value): Value {
  const chosen = op.cast(op.equal(x, output), x.dtype);
  return op.divide(op.multiply(gradient, chosen), sum(chosen, { axes, keepAxes: true }));
}

defineReduction("ReduceSum", (_x, _axes, _output, gradient) => gradient);
defineReduction("ReduceMean", (x, axes, _output, gradient) => op.divide(gradient, countOver(x, axes)));
defineReduction("ReduceMax", extremeGradient);
defineReduction("ReduceMin", extremeGradient);
defineReduction("ReduceProd", (x, axes, output, gradient) => {
  // The product of the others. Dividing by the element fails at 0, so zeros are counted and left out first.
  const zero = op.equal(x, 0);
  const others = op.where(zero, 1, x);
  const zeros = sum(op.cast(zero, x.dtype), { axes, keepAxes: true });
  const withoutZeros = product(others, { axes, keepAxes: true });
  const none = op.divide(output, others);
  const one = op.multiply(op.cast(zero, x.dtype), withoutZeros);
  const slope = op.where(op.equal(zeros, 0), none, op.where(op.equal(zeros, 1), one, 0));
  return op.multiply(gradient, slope);
});
defineReduction("ReduceLogSumExp", (x, axes, output, gradient) => {
  // The output of large operands is rounded: normalised, the shares are exact all the same.
  const shares = op.exp(op.subtract(x, output));
  return op.multiply(gradient, op.divide(shares, sum(shares, { axes, keepAxes: true })));
});
defineReduction("ReduceSumSquare", (x, _axes, _output, gradient) => op.multiply(gradient, op.multiply(x, 2)));
defineReduction("ReduceL1", (x, _axes, _output, gradient) => op.multiply(gradient, op.sign(x)));
defineReduction("ReduceL2", (x, _axes, output, gradient) =>
  op.multiply(gradient, op.divide(x, op.where(op.equal(output, 0), 1, output))),
);
