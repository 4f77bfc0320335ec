/** @file Values that a model makes of nothing. */
import { dtypeOfOnnx, type DType } from "../dtype.ts";
import { intAttribute } from "../ops/attributes.ts";
import { apply } from "../ops/apply.ts";
import type { Dimension } from "../shape.ts";
import { arrayOfNumbers, constant, scalar, type Value } from "../value.ts";
import { defineImport, elementsOfInput, inputOf, refuse, type ImportedNode } from "./imported-node.ts";
import { constantOf } from "./constant-of.ts";

defineImport("Constant", (node) => [node.knowledge.addConstant(constantValue(node))]);

function constantValue(node: ImportedNode): Value {
  const numbers = (dtype: DType, of: readonly number[], shape: readonly number[]): Value =>
    constant(dtype, arrayOfNumbers(dtype, of), shape);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (name === "value" && "tensor" in attribute) return constantOf(attribute.tensor);
    if (name === "value_int" && "int" in attribute) return numbers("int64", [attribute.int], []);
    if (name === "value_ints" && "ints" in attribute)
      return numbers("int64", attribute.ints, [attribute.ints.length]);
    if (name === "value_float" && "float" in attribute) return numbers("float32", [attribute.float], []);
    if (name === "value_floats" && "floats" in attribute)
      return numbers("float32", attribute.floats, [attribute.floats.length]);
    if (name === "value_string" && "text" in attribute) return constant("string", [attribute.text], []);
    if (name === "value_strings" && "texts" in attribute)
      return constant("string", attribute.texts, [attribute.texts.length]);
  }
  throw refuse(node, "it has no value");
}

defineImport("ConstantOfShape", (node) => {
  const sizes = inputOf(node, 0);
  const value = node.attributes["value"];
  const fill = value && "tensor" in value ? constantOf({ ...value.tensor, shape: [] }) : scalar("float32", 0);
  const known = elementsOfInput(node, 0);
  const shape = known ?? freshShape(node, sizes);
  return [apply("Expand", [fill, sizes], {}, { types: [{ dtype: fill.dtype, shape }] })];
});

/** Names for the sizes that a vector holds when a model runs. */
export function freshShape(node: ImportedNode, sizes: Value): readonly Dimension[] {
  const [rank] = sizes.shape;
  if (typeof rank !== "number") throw refuse(node, "its result has no known number of axes");
  return Array.from({ length: rank }, () => node.knowledge.freshSize(node.operator));
}

defineImport("Range", (node) => {
  const [start, limit, step] = [0, 1, 2].map((index) => elementsOfInput(node, index)?.[0]);
  const bounds = [0, 1, 2].map((index) => inputOf(node, index));
  const count =
    typeof start === "number" && typeof limit === "number" && typeof step === "number"
      ? Math.max(0, Math.ceil((limit - start) / step))
      : start === 0 && step === 1 && limit !== undefined
        ? limit
        : node.knowledge.freshSize("Range");
  const dtype = bounds[0]?.dtype ?? "int64";
  return [apply("Range", bounds, {}, { types: [{ dtype, shape: [count] }] })];
});

defineImport("EyeLike", (node) => {
  const x = inputOf(node, 0);
  const dtype = dtypeOfOnnx(intAttribute(node.attributes, "dtype", 0)) ?? x.dtype;
  const [rows, columns] = x.shape;
  const offset = intAttribute(node.attributes, "k", 0);
  if (typeof rows !== "number" || typeof columns !== "number")
    throw refuse(node, "its size is known only when the model runs");
  const numbers = Array.from({ length: rows * columns }, (_, index) =>
    (index % columns) - Math.floor(index / columns) === offset ? 1 : 0,
  );
  return [node.knowledge.constant({ dtype, shape: [rows, columns] }, numbers)];
});
