/** @file Operators that pick and order elements, of all versions. */
import { intAttribute, textAttribute } from "../ops/attributes.ts";
import { apply, applyAll } from "../ops/apply.ts";
import { cast } from "../ops/elementwise.ts";
import { elementCount, normalAxis, type Dimension } from "../shape.ts";
import { integers, type ValueType } from "../value.ts";
import { defineImport, inputOf, refuse, without } from "./imported-node.ts";

defineImport("TopK", (node) => {
  const named = node.attributes["k"];
  const count = named && "int" in named ? integers([named.int]) : inputOf(node, 1);
  return applyAll("TopK", [inputOf(node, 0), count], without(node.attributes, "k"), { outputCount: 2 });
});

defineImport(["Scatter", "ScatterElements", "ScatterND"], (node) => {
  const operator = node.operator === "Scatter" ? "ScatterElements" : node.operator;
  const mode = textAttribute(node.attributes, "reduction", "none");
  if ((mode === "max" || mode === "min") && node.version < 18) throw refuse(node, `it reduces by "${mode}"`);
  return [
    apply(operator, node.inputs, mode === "none" ? without(node.attributes, "reduction") : node.attributes),
  ];
});

defineImport("OneHot", (node) => [
  apply("OneHot", node.inputs, { axis: { int: intAttribute(node.attributes, "axis", -1) } }),
]);

defineImport("CumSum", (node) => [
  apply("CumSum", [inputOf(node, 0), cast(inputOf(node, 1), "int64")], node.attributes),
]);

/** Operators whose results have a size that only a run knows. */
defineImport("NonZero", (node) => {
  const x = inputOf(node, 0);
  const shape = [x.shape.length, node.knowledge.freshSize("NonZero")];
  return [apply("NonZero", [x], {}, { types: [{ dtype: "int64", shape }] })];
});

defineImport("Compress", (node) => {
  const x = inputOf(node, 0);
  const named = node.attributes["axis"];
  const size = node.knowledge.freshSize("Compress");
  const axis = named && "int" in named ? normalAxis("Compress", named.int, x.shape.length) : undefined;
  const shape = axis === undefined ? [size] : x.shape.with(axis, size);
  return [apply("Compress", node.inputs, node.attributes, { types: [{ dtype: x.dtype, shape }] })];
});

defineImport("NonMaxSuppression", (node) => {
  const shape = [node.knowledge.freshSize("NonMaxSuppression"), 3];
  return [apply("NonMaxSuppression", node.inputs, node.attributes, { types: [{ dtype: "int64", shape }] })];
});

defineImport("Unique", (node) => {
  const x = inputOf(node, 0);
  const named = node.attributes["axis"];
  const count = node.knowledge.freshSize("Unique");
  const axis = named && "int" in named ? normalAxis("Unique", named.int, x.shape.length) : undefined;
  const all =
    elementCount(axis === undefined ? x.shape : x.shape.slice(axis, axis + 1)) ??
    node.knowledge.freshSize("Unique");
  const positions = (size: Dimension): ValueType => ({ dtype: "int64", shape: [size] });
  const values = { dtype: x.dtype, shape: axis === undefined ? [count] : x.shape.with(axis, count) };
  const types = [values, positions(count), positions(all), positions(count)].slice(0, node.outputCount);
  return applyAll("Unique", [x], node.attributes, { types });
});
