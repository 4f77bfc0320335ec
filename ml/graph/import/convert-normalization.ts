/** @file Normalisations and dropout, of all versions. */
import { GraphError } from "../errors.ts";
import { floatAttribute, intAttribute, intsAttribute } from "../ops/attributes.ts";
import { apply, applyAll } from "../ops/apply.ts";
import * as op from "../ops/elementwise.ts";
import { batchNormalize, groupNormalize } from "../ops/normalization.ts";
import { mean, sum } from "../ops/reduce.ts";
import { broadcastTo, reshape } from "../ops/shape-ops.ts";
import { normalAxis } from "../shape.ts";
import { constant, type Value } from "../value.ts";
import { defineImport, inputOf, refuse, without, type ImportedNode } from "./imported-node.ts";

defineImport("BatchNormalization", (node) => {
  const [x, scale, shift, average, variance] = [0, 1, 2, 3, 4].map((index) => inputOf(node, index));
  if (!x || !scale || !shift || !average || !variance) throw refuse(node, "it needs five inputs");
  const epsilon = floatAttribute(node.attributes, "epsilon", 1e-5);
  if (intAttribute(node.attributes, "spatial", 1) === 0)
    throw refuse(node, "statistics of single elements are not supported");
  const isTraining = intAttribute(node.attributes, "training_mode", 0) === 1;
  // Versions before 14 train where their further outputs are asked for.
  if (!isTraining && node.outputCount === 1)
    return [
      apply("BatchNormalization", [x, scale, shift, average, variance], { epsilon: { float: epsilon } }),
    ];
  if (node.version < 14) throw refuse(node, "training as in operator sets before 14 is not supported");
  const kept = floatAttribute(node.attributes, "momentum", 0.9);
  const { output, statistics } = batchNormalize(x, scale, shift, epsilon);
  const moved = (running: Value, batch: Value): Value =>
    op.add(op.multiply(running, kept), op.multiply(batch, 1 - kept));
  return [output, moved(average, statistics.mean), moved(variance, statistics.variance)];
});

defineImport("GroupNormalization", (node) => {
  const [x, scale, shift] = [0, 1, 2].map((index) => inputOf(node, index));
  if (!x || !scale || !shift) throw refuse(node, "it needs three inputs");
  const groups = intAttribute(node.attributes, "num_groups", 1);
  const channels = x.shape[1];
  if (typeof channels !== "number") throw refuse(node, "it needs a known number of channels");
  // Before version 21 scale and shift are those of the groups.
  const perChannel = (of: Value): Value =>
    node.version >= 21 || of.shape[0] === channels
      ? of
      : reshape(broadcastTo(reshape(of, [groups, 1]), [groups, channels / groups]), [channels]);
  const epsilon = floatAttribute(node.attributes, "epsilon", 1e-5);
  return [groupNormalize(x, groups, perChannel(scale), perChannel(shift), epsilon)];
});

defineImport("LayerNormalization", (node) => {
  const x = inputOf(node, 0);
  const axis = normalAxis("LayerNormalization", intAttribute(node.attributes, "axis", -1), x.shape.length);
  const shape = x.shape.slice(axis);
  const parameters = [1, 2].flatMap((index) => {
    const parameter = node.inputs[index];
    // Scales may broadcast; the rule has them in full.
    return parameter ? [broadcastTo(parameter, shape, [x])] : [];
  });
  return applyAll("LayerNormalization", [x, ...parameters], without(node.attributes, "stash_type"), {
    outputCount: node.outputCount,
  });
});

defineImport("RMSNormalization", (node) => {
  const [x, scale] = [inputOf(node, 0), inputOf(node, 1)];
  const first = normalAxis("RMSNormalization", intAttribute(node.attributes, "axis", -1), x.shape.length);
  const axes = x.shape.flatMap((_, axis) => (axis < first ? [] : [axis]));
  const meanSquare = mean(op.square(x), { axes, keepAxes: true });
  const size = op.sqrt(op.add(meanSquare, floatAttribute(node.attributes, "epsilon", 1e-5)));
  return [op.multiply(op.divide(x, size), scale)];
});

defineImport("LpNormalization", (node) => {
  const x = inputOf(node, 0);
  const over = { axes: intAttribute(node.attributes, "axis", -1), keepAxes: true };
  const order = intAttribute(node.attributes, "p", 2);
  const size = order === 1 ? sum(op.abs(x), over) : op.sqrt(sum(op.square(x), over));
  // What is 0 everywhere stays so.
  return [op.divide(x, op.where(op.equal(size, 0), 1, size))];
});

defineImport("MeanVarianceNormalization", (node) => {
  const x = inputOf(node, 0);
  const over = { axes: intsAttribute(node.attributes, "axes") ?? [0, 2, 3], keepAxes: true };
  const centred = op.subtract(x, mean(x, over));
  return [op.divide(centred, op.add(op.sqrt(mean(op.square(centred), over)), 1e-9))];
});

defineImport("LRN", (node) => {
  const x = inputOf(node, 0);
  const size = intAttribute(node.attributes, "size", 1);
  const [alpha, beta, bias] = (
    [
      ["alpha", 1e-4],
      ["beta", 0.75],
      ["bias", 1],
    ] as const
  ).map(([name, otherwise]) => floatAttribute(node.attributes, name, otherwise));
  // The channels are the axis along which an average pool slides; it divides by the window's size, as the formula does.
  const [batch = 1, channels = 1, ...spatial] = x.shape;
  const rows = reshape(op.square(x), [batch, 1, channels, -1], [x]);
  const before = Math.floor((size - 1) / 2);
  const pooled = apply("AveragePool", [rows], {
    kernel_shape: { ints: [size, 1] },
    pads: { ints: [before, 0, size - 1 - before, 0] },
    count_include_pad: { int: 1 },
  });
  const means = reshape(pooled, [batch, channels, ...spatial], [x]);
  const base = op.add(op.multiply(means, alpha ?? 1e-4), bias ?? 1);
  return [op.divide(x, op.power(base, beta ?? 0.75))];
});

/** Dropout does nothing but in training. */
defineImport("Dropout", (node) => {
  const x = inputOf(node, 0);
  if (node.version >= 12 && node.inputs[2] && !isOff(node))
    throw refuse(node, "it drops elements at random, which an imported model doesn't");
  return [apply("Identity", [x]), broadcastTo(constant("bool", Uint8Array.of(1), []), x.shape, [x])];
});

function isOff(node: ImportedNode): boolean {
  const training = node.knowledge.numbers(node.inputs[2])?.[0];
  const ratio = node.inputs[1] ? node.knowledge.numbers(node.inputs[1])?.[0] : 0.5;
  if (training === undefined) throw new GraphError("whether it trains is known only when the model runs");
  return training === 0 || ratio === 0;
}
