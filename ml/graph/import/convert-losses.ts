/** @file Losses of classes, composed so that gradients flow through them (ONNX operator specification). */
import { intAttribute, textAttribute } from "../ops/attributes.ts";
import { crossEntropy, nllLoss, type ClassLossOptions } from "../ops/cross-entropy.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { defineImport, inputOf, refuse, type ImportedNode } from "./imported-node.ts";

function optionsOf(node: ImportedNode): ClassLossOptions {
  const ignored = node.attributes["ignore_index"];
  const reduction = textAttribute(node.attributes, "reduction", "mean");
  if (reduction !== "mean" && reduction !== "sum" && reduction !== "none")
    throw refuse(node, `its reduction "${reduction}" is not known`);
  return {
    classWeights: node.inputs[2],
    reduction,
    ...(ignored && { ignoreIndex: intAttribute(node.attributes, "ignore_index", -1) }),
  };
}

defineImport("NegativeLogLikelihoodLoss", (node) => [
  nllLoss(inputOf(node, 0), inputOf(node, 1), optionsOf(node)),
]);

defineImport("SoftmaxCrossEntropyLoss", (node) => {
  const scores = inputOf(node, 0);
  const loss = crossEntropy(scores, inputOf(node, 1), optionsOf(node));
  return node.outputCount === 1 ? [loss] : [loss, logSoftmax(scores, 1)];
});
