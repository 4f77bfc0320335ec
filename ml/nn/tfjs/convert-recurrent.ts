/**
 * @file LSTM, GRU and plain recurrent layers of Keras: sequences `[batch, time, features]`, weights `[input, gates ·
 * hidden]`, any activations, and a GRU that resets before the product (Keras' layers, tfjs-layers recurrent).
 */
import * as v from "valibot";
import * as op from "../../graph/ops/elementwise.ts";
import { affine, gemm } from "../../graph/ops/matmul.ts";
import { scan } from "../../graph/ops/scan.ts";
import { broadcastTo, concat, slice, split, transpose } from "../../graph/ops/shape-ops.ts";
import { flip } from "../../graph/ops/arrange.ts";
import { scalar, type Value } from "../../graph/value.ts";
import {
  activationOf,
  defineLayer,
  onlyInput,
  refuseLayer,
  settingsOf,
  type AppliedLayer,
} from "./layer-builder.ts";

const flag = v.optional(v.nullable(v.boolean()), false);
const recurrent = v.object({
  units: v.number(),
  activation: v.optional(v.string(), "tanh"),
  recurrent_activation: v.optional(v.string(), "sigmoid"),
  use_bias: v.optional(v.boolean(), true),
  return_sequences: flag,
  return_state: flag,
  go_backwards: flag,
  reset_after: flag,
});

type Settings = v.InferOutput<typeof recurrent>;
type Step = (carry: readonly Value[], x: Value) => readonly Value[];

/** What a kind of cell makes of its states and of what the input contributes; the first state is the output. */
function stepOf(layer: AppliedLayer, settings: Settings): { readonly states: number; readonly step: Step } {
  const { units } = settings;
  const activate = activationOf(layer, settings.activation);
  const gate = activationOf(layer, settings.recurrent_activation);
  const kernel = layer.weight("recurrent_kernel");
  const cut = (x: Value, gates: number): readonly Value[] =>
    split(
      x,
      Array.from({ length: gates }, () => units),
      1,
    );
  switch (layer.kind) {
    case "SimpleRNN":
      return { states: 1, step: ([h], x) => (h ? [activate(gemm(h, kernel, x))] : []) };
    case "LSTM":
      return {
        states: 2,
        step: ([h, c], x) => {
          if (!h || !c) return [];
          const [i = x, f = x, g = x, o = x] = cut(gemm(h, kernel, x), 4);
          const cell = op.add(op.multiply(gate(f), c), op.multiply(gate(i), activate(g)));
          return [op.multiply(gate(o), activate(cell)), cell];
        },
      };
    default: {
      if (settings.reset_after) throw refuseLayer(layer, "a reset after the product is not supported");
      const gates = slice(kernel, [{ axis: 1, start: 0, end: 2 * units }]);
      const candidate = slice(kernel, [{ axis: 1, start: 2 * units }]);
      return {
        states: 1,
        step: ([h], x) => {
          if (!h) return [];
          const [xzr = x, xh = x] = split(x, [2 * units, units], 1);
          const [z = x, r = x] = cut(gate(gemm(h, gates, xzr)), 2);
          const next = activate(gemm(op.multiply(r, h), candidate, xh));
          return [op.add(op.multiply(z, h), op.multiply(op.subtract(1, z), next))];
        },
      };
    }
  }
}

/** The outputs of all steps, `[batch, time, units]`, in the order in which they were computed, or the last one. */
function run(layer: AppliedLayer, x: Value, settings: Settings): Value {
  if (settings.return_state) throw refuseLayer(layer, "states as outputs are not supported");
  const { states, step } = stepOf(layer, settings);
  const sequence = transpose(x, [1, 0, 2]);
  const projected = affine(
    sequence,
    layer.weight("kernel"),
    settings.use_bias ? layer.weight("bias") : undefined,
  );
  const zeros = broadcastTo(scalar(x.dtype, 0), [x.shape[0] ?? 1, settings.units], [x]);
  const reverse = settings.go_backwards === true;
  const { carry, outputs } = scan(
    Array.from({ length: states }, () => zeros),
    [projected],
    (carried, [slice = projected]) => {
      const next = step(carried, slice);
      return { carry: next, outputs: next.slice(0, 1) };
    },
    { reverse },
  );
  if (!settings.return_sequences) return carry[0] ?? zeros;
  const all = transpose(outputs[0] ?? projected, [1, 0, 2]);
  return reverse ? flip(all, 1) : all;
}

defineLayer(["LSTM", "GRU", "SimpleRNN"], (layer, inputs) =>
  run(layer, onlyInput(layer, inputs), settingsOf(layer, recurrent)),
);

defineLayer("Bidirectional", (layer, inputs) => {
  const x = onlyInput(layer, inputs);
  const { layer: inner, merge_mode: merge } = settingsOf(
    layer,
    v.object({
      layer: v.object({ class_name: v.picklist(["LSTM", "GRU", "SimpleRNN"]), config: recurrent }),
      merge_mode: v.optional(v.picklist(["concat", "sum", "mul", "ave"]), "concat"),
    }),
  );
  const [forward, backward] = ["forward", "backward"].map((direction) => {
    const own = {
      ...layer,
      kind: inner.class_name,
      weight: (name: string) => layer.weight(`${direction}/${name}`),
    };
    const settings = { ...inner.config, go_backwards: direction === "backward" };
    const result = run(own, x, settings);
    return direction === "backward" && settings.return_sequences ? flip(result, 1) : result;
  });
  if (!forward || !backward) throw refuseLayer(layer, "it needs both directions");
  switch (merge) {
    case "sum":
      return op.add(forward, backward);
    case "mul":
      return op.multiply(forward, backward);
    case "ave":
      return op.multiply(op.add(forward, backward), 0.5);
    default:
      return concat([forward, backward], -1);
  }
});
