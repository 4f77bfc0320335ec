/** @file Activations and arithmetic that the operator set of programs has not, or had otherwise once. */
import { isFloat } from "../dtype.ts";
import { floatAttribute, intAttribute, textAttribute } from "../ops/attributes.ts";
import * as activation from "../ops/activations.ts";
import { apply } from "../ops/apply.ts";
import * as op from "../ops/elementwise.ts";
import { remainder } from "../ops/rounding.ts";
import { reshape } from "../ops/shape-ops.ts";
import { scalar, type Value } from "../value.ts";
import { defineImport, inputOf, refuse, type ImportedNode } from "./imported-node.ts";

defineImport("Celu", (node) => [
  activation.celu(inputOf(node, 0), floatAttribute(node.attributes, "alpha", 1)),
]);
defineImport("Gelu", (node) => {
  const approximate = textAttribute(node.attributes, "approximate", "none");
  return [(approximate === "tanh" ? activation.geluTanh : activation.gelu)(inputOf(node, 0))];
});
defineImport("HardSwish", (node) => [activation.hardSwish(inputOf(node, 0))]);
defineImport("Mish", (node) => [activation.mish(inputOf(node, 0))]);
defineImport("Swish", (node) => {
  const x = inputOf(node, 0);
  const alpha = floatAttribute(node.attributes, "alpha", 1);
  return [alpha === 1 ? activation.silu(x) : op.multiply(x, op.sigmoid(op.multiply(x, alpha)))];
});
defineImport("ThresholdedRelu", (node) => {
  const x = inputOf(node, 0);
  const above = op.greater(x, floatAttribute(node.attributes, "alpha", 1));
  return [op.multiply(x, op.cast(above, x.dtype))];
});
defineImport("Shrink", (node) => {
  const x = inputOf(node, 0);
  const limit = floatAttribute(node.attributes, "lambd", 0.5);
  const bias = floatAttribute(node.attributes, "bias", 0);
  const below = op.where(op.less(x, -limit), op.add(x, bias), 0);
  return [op.where(op.greater(x, limit), op.subtract(x, bias), below)];
});

/** Softmax over all axes from one on, as it was before version 13, is one over the last axis of a matrix. */
defineImport(["Softmax", "LogSoftmax", "Hardmax"], (node) => {
  const x = inputOf(node, 0);
  const { operator, attributes, version } = node;
  if (version >= 13) return [apply(operator, [x], attributes)];
  const rank = x.shape.length;
  const axis = intAttribute(attributes, "axis", 1);
  const last = { axis: { int: -1 } };
  if (axis === rank - 1 || axis === -1) return [apply(operator, [x], last)];
  return [reshape(apply(operator, [apply("Flatten", [x], { axis: { int: axis } })], last), x.shape, [x])];
});

defineImport("Clip", (node) => {
  const x = inputOf(node, 0);
  if (node.version >= 11) return [apply("Clip", node.inputs)];
  const [low, high] = ["min", "max"].map((name) => {
    const limit = floatAttribute(node.attributes, name, Number.NaN);
    return Number.isNaN(limit) ? undefined : scalar(x.dtype, limit);
  });
  return [low || high ? apply("Clip", [x, low, high]) : x];
});

defineImport("Pow", (node) => {
  const [base, exponent] = [inputOf(node, 0), inputOf(node, 1)];
  if (base.dtype === exponent.dtype) return [op.power(base, exponent)];
  if (isFloat(base.dtype)) return [op.power(base, op.cast(exponent, base.dtype))];
  const common = isFloat(exponent.dtype) ? exponent.dtype : "float64";
  return [op.cast(op.power(op.cast(base, common), op.cast(exponent, common)), base.dtype)];
});

defineImport(["Sum", "Max", "Min", "Mean"], (node) => {
  const [first, ...others] = node.inputs.map((_, index) => inputOf(node, index));
  if (!first) throw refuse(node, "it has no inputs");
  const combine = { Max: op.maximum, Min: op.minimum }[node.operator] ?? op.add;
  const total = others.reduce((a, b) => combine(a, b), first);
  return [node.operator === "Mean" ? op.divide(total, others.length + 1) : total];
});

defineImport("Mod", (node) => {
  const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
  // Of floating numbers only the remainder with the dividend's sign is an operator.
  const isFloor = intAttribute(node.attributes, "fmod", 0) === 0 && isFloat(a.dtype);
  return [isFloor ? remainder(a, b) : apply("Mod", [a, b], node.attributes)];
});

defineImport(["Cast", "CastLike"], (node) => [cast(node)]);

function cast(node: ImportedNode): Value {
  const x = inputOf(node, 0);
  if (node.operator === "CastLike") return op.cast(x, inputOf(node, 1).dtype);
  return apply("Cast", [x], { to: { int: intAttribute(node.attributes, "to", 0) } });
}
