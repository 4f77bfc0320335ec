/** @file Operators that ONNX Runtime's own optimiser writes (contrib operators), taken apart again. */
import { floatAttribute, intAttribute, textAttribute } from "../ops/attributes.ts";
import * as activation from "../ops/activations.ts";
import { apply, applyAll } from "../ops/apply.ts";
import * as op from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { layerNormalize, rmsNormalize } from "../ops/normalization.ts";
import { swapLastAxes } from "../ops/shape-ops.ts";
import type { Attributes, Value } from "../value.ts";
import { defineImport, inputOf, refuse, without, type ImportedNode } from "./imported-node.ts";

const domain = "com.microsoft";
const define = (name: string, convert: (node: ImportedNode) => readonly Value[]): void =>
  defineImport(name, convert, domain);

const plus = (x: Value, other: Value | undefined): Value => (other ? op.add(x, other) : x);

define("FusedMatMul", (node) => {
  const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
  const flag = (name: string): boolean => intAttribute(node.attributes, name, 0) === 1;
  if (flag("transBatchA") || flag("transBatchB")) throw refuse(node, "transposed batches are not supported");
  const product = matmul(flag("transA") ? swapLastAxes(a) : a, flag("transB") ? swapLastAxes(b) : b);
  const alpha = floatAttribute(node.attributes, "alpha", 1);
  return [alpha === 1 ? product : op.multiply(product, alpha)];
});

define("Gelu", (node) => [activation.gelu(inputOf(node, 0))]);
define("BiasGelu", (node) => [activation.gelu(op.add(inputOf(node, 0), inputOf(node, 1)))]);
define("FastGelu", (node) => [activation.geluTanh(plus(inputOf(node, 0), node.inputs[1]))]);
define("QuickGelu", (node) => {
  const x = inputOf(node, 0);
  return [op.multiply(x, op.sigmoid(op.multiply(x, floatAttribute(node.attributes, "alpha", 1.702))))];
});

const epsilonOf = ({ attributes }: ImportedNode, otherwise: number): number =>
  floatAttribute(attributes, "epsilon", otherwise);

function addedLayerNorm(node: ImportedNode): readonly Value[] {
  const scale = inputOf(node, 2);
  const isSimple = node.operator.startsWith("SkipSimplified");
  const total = plus(op.add(inputOf(node, 0), inputOf(node, 1)), node.inputs[isSimple ? 3 : 4]);
  if (node.outputCount > 1 && node.outputCount < 4)
    throw refuse(node, "its mean and deviation are not supported");
  if (isSimple) return [rmsNormalize(total, scale, epsilonOf(node, 1e-12)), total, total, total];
  const { output, mean, inverse } = layerNormalize(total, scale, node.inputs[3], -1, epsilonOf(node, 1e-12));
  return [output, mean, inverse, total];
}
define("SkipLayerNormalization", addedLayerNorm);
define("SkipSimplifiedLayerNormalization", addedLayerNorm);
define("SimplifiedLayerNormalization", simplifiedLayerNorm);
// The optimiser also writes it into the standard domain.
defineImport("SimplifiedLayerNormalization", simplifiedLayerNorm);

function simplifiedLayerNorm(node: ImportedNode): readonly Value[] {
  const x = inputOf(node, 0);
  const axis = intAttribute(node.attributes, "axis", -1);
  if (axis !== -1 && axis !== x.shape.length - 1) throw refuse(node, "it normalises more than the last axis");
  return [rmsNormalize(x, inputOf(node, 1), epsilonOf(node, 1e-5))];
}

define("LayerNormalization", (node) =>
  applyAll("LayerNormalization", node.inputs, without(node.attributes, "stash_type"), {
    outputCount: node.outputCount,
  }),
);

function activated(node: ImportedNode, x: Value, kind: string): Value {
  const named = node.attributes["activation_params"];
  const numbers = named && "floats" in named ? named.floats : [];
  const [alpha = floatAttribute(node.attributes, "activation_alpha", 0.01), beta] = numbers;
  switch (kind) {
    case "":
      return x;
    case "Relu":
      return op.relu(x);
    case "Sigmoid":
      return op.sigmoid(x);
    case "Tanh":
      return op.tanh(x);
    case "LeakyRelu":
      return activation.leakyRelu(x, alpha);
    case "Clip":
      return apply("Clip", [
        x,
        op.toValue(alpha, x.dtype),
        op.toValue(beta ?? Number.POSITIVE_INFINITY, x.dtype),
      ]);
    case "HardSigmoid":
      return apply("HardSigmoid", [x], { alpha: { float: alpha }, beta: { float: beta ?? 0.5 } });
    default:
      throw refuse(node, `its activation "${kind}" is not supported`);
  }
}

define("FusedConv", (node) => {
  const [x, weight, bias, added] = node.inputs;
  const attributes: Attributes = without(node.attributes, "activation", "activation_params");
  const convolved = plus(apply("Conv", bias ? [x, weight, bias] : [x, weight], attributes), added);
  return [activated(node, convolved, textAttribute(node.attributes, "activation", ""))];
});

define("FusedGemm", (node) => {
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).filter(([name]) => !name.startsWith("activation")),
  );
  return [
    activated(node, apply("Gemm", node.inputs, attributes), textAttribute(node.attributes, "activation", "")),
  ];
});
