/** @file Layers without space or time: products, functions, shapes, embeddings, normalisations, merges. */
import * as v from "valibot";
import { leakyRelu, prelu, elu } from "../../graph/ops/activations.ts";
import * as op from "../../graph/ops/elementwise.ts";
import { gather } from "../../graph/ops/gather.ts";
import { affine } from "../../graph/ops/matmul.ts";
import { layerNormalize, normalizeChannels } from "../../graph/ops/normalization.ts";
import { clip } from "../../graph/ops/rounding.ts";
import { softmax } from "../../graph/ops/softmax.ts";
import { broadcastTo, concat, reshape, transpose, unsqueeze } from "../../graph/ops/shape-ops.ts";
import { normalAxis } from "../../graph/shape.ts";
import { scalar, type Value } from "../../graph/value.ts";
import {
  activationOf,
  defineLayer,
  onlyInput,
  optionalText,
  refuseLayer,
  settingsOf,
} from "./layer-builder.ts";

const withBias = v.optional(v.boolean(), true);

defineLayer("Dense", (layer, inputs) => {
  const settings = settingsOf(layer, v.object({ activation: optionalText, use_bias: withBias }));
  const bias = settings.use_bias ? layer.weight("bias") : undefined;
  return activationOf(
    layer,
    settings.activation,
  )(affine(onlyInput(layer, inputs), layer.weight("kernel"), bias));
});

defineLayer("Activation", (layer, inputs) => {
  const { activation } = settingsOf(layer, v.object({ activation: v.string() }));
  return activationOf(layer, activation)(onlyInput(layer, inputs));
});

defineLayer("ReLU", (layer, inputs) => {
  const { max_value: limit } = settingsOf(layer, v.object({ max_value: v.optional(v.nullable(v.number())) }));
  return clip(onlyInput(layer, inputs), 0, limit ?? undefined);
});
defineLayer("LeakyReLU", (layer, inputs) => {
  const { alpha } = settingsOf(layer, v.object({ alpha: v.optional(v.number(), 0.3) }));
  return leakyRelu(onlyInput(layer, inputs), alpha);
});
defineLayer("ELU", (layer, inputs) => {
  const { alpha } = settingsOf(layer, v.object({ alpha: v.optional(v.number(), 1) }));
  return elu(onlyInput(layer, inputs), alpha);
});
defineLayer("PReLU", (layer, inputs) => prelu(onlyInput(layer, inputs), layer.weight("alpha")));
defineLayer("ThresholdedReLU", (layer, inputs) => {
  const x = onlyInput(layer, inputs);
  const { theta } = settingsOf(layer, v.object({ theta: v.optional(v.number(), 1) }));
  return op.multiply(x, op.cast(op.greater(x, theta), x.dtype));
});
defineLayer("Softmax", (layer, inputs) => {
  const { axis } = settingsOf(layer, v.object({ axis: v.optional(v.nullable(v.number()), -1) }));
  return softmax(onlyInput(layer, inputs), axis ?? -1);
});

// They act in training only.
defineLayer(["Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout"], onlyInput);

defineLayer("Flatten", (layer, inputs) => {
  const x = onlyInput(layer, inputs);
  return reshape(x, [x.shape[0] ?? 1, -1]);
});
defineLayer("Reshape", (layer, inputs) => {
  const x = onlyInput(layer, inputs);
  const { target_shape: target } = settingsOf(
    layer,
    v.object({ target_shape: v.array(v.nullable(v.number())) }),
  );
  return reshape(x, [x.shape[0] ?? 1, ...target.map((size) => size ?? -1)]);
});
defineLayer("Permute", (layer, inputs) => {
  const { dims } = settingsOf(layer, v.object({ dims: v.array(v.number()) }));
  return transpose(onlyInput(layer, inputs), [0, ...dims]);
});
defineLayer("RepeatVector", (layer, inputs) => {
  const x = unsqueeze(onlyInput(layer, inputs), 1);
  return broadcastTo(x, x.shape.with(1, settingsOf(layer, v.object({ n: v.number() })).n));
});

defineLayer("Embedding", (layer, inputs) => {
  const { mask_zero: masks } = settingsOf(
    layer,
    v.object({ mask_zero: v.optional(v.nullable(v.boolean()), false) }),
  );
  if (masks === true) throw refuseLayer(layer, "masks of sequences are not supported");
  return gather(layer.weight("embeddings"), op.cast(onlyInput(layer, inputs), "int32"));
});

defineLayer("BatchNormalization", (layer, inputs) => {
  const x = onlyInput(layer, inputs);
  const settings = settingsOf(
    layer,
    v.object({
      axis: v.optional(
        v.union([
          v.number(),
          v.pipe(
            v.tuple([v.number()]),
            v.transform(([axis]) => axis),
          ),
        ]),
        -1,
      ),
      epsilon: v.optional(v.number(), 1e-3),
      scale: withBias,
      center: withBias,
    }),
  );
  const rank = x.shape.length;
  const axis = normalAxis("batch normalisation", settings.axis, rank);
  const [mean, variance] = [layer.weight("moving_mean"), layer.weight("moving_variance")];
  const filled = (number: number): Value => broadcastTo(scalar(x.dtype, number), mean.shape);
  const scale = settings.scale ? layer.weight("gamma") : filled(1);
  const shift = settings.center ? layer.weight("beta") : filled(0);
  const order = [
    0,
    axis,
    ...Array.from({ length: rank }, (_, at) => at).filter((at) => at !== 0 && at !== axis),
  ];
  const back = order.map((_, at) => order.indexOf(at));
  return transpose(
    normalizeChannels(transpose(x, order), scale, shift, { mean, variance }, settings.epsilon),
    back,
  );
});

defineLayer("LayerNormalization", (layer, inputs) => {
  const x = onlyInput(layer, inputs);
  const { axis, epsilon, scale, center } = settingsOf(
    layer,
    v.object({
      axis: v.optional(v.union([v.number(), v.array(v.number())]), -1),
      epsilon: v.optional(v.number(), 1e-3),
      scale: withBias,
      center: withBias,
    }),
  );
  const axes = [axis].flat().map((each) => normalAxis("layer normalisation", each, x.shape.length));
  const first = Math.min(...axes);
  if (axes.length !== x.shape.length - first) throw refuseLayer(layer, "it must normalise the last axes");
  const ones = broadcastTo(scalar(x.dtype, 1), x.shape.slice(first), [x]);
  const shift = center ? layer.weight("beta") : undefined;
  return layerNormalize(x, scale ? layer.weight("gamma") : ones, shift, first, epsilon).output;
});

const merges: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  Add: op.add,
  Average: op.add,
  Multiply: op.multiply,
  Maximum: op.maximum,
  Minimum: op.minimum,
};
defineLayer(Object.keys(merges), (layer, [first, ...others]) => {
  const merge = merges[layer.kind];
  if (!first || !merge) throw refuseLayer(layer, "it needs inputs");
  const merged = others.reduce((total, each) => merge(total, each), first);
  return layer.kind === "Average" ? op.divide(merged, others.length + 1) : merged;
});
defineLayer("Concatenate", (layer, inputs) =>
  concat(inputs, settingsOf(layer, v.object({ axis: v.optional(v.number(), -1) })).axis),
);
