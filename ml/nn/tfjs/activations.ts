/** @file The activations of TensorFlow.js by the names that layers have them under. */
import * as activation from "../../graph/ops/activations.ts";
import * as op from "../../graph/ops/elementwise.ts";
import { clip } from "../../graph/ops/rounding.ts";
import { softmax } from "../../graph/ops/softmax.ts";
import type { Value } from "../../graph/value.ts";

/** A function of a value, element by element or along the last axis. */
export type Activation = (x: Value) => Value;

/** Activations by name (tfjs-layers, activations). */
export const activations: Readonly<Record<string, Activation>> = {
  linear: (x) => x,
  relu: op.relu,
  relu6: activation.relu6,
  elu: (x) => activation.elu(x),
  selu: activation.selu,
  sigmoid: op.sigmoid,
  hard_sigmoid: (x) => clip(op.add(op.multiply(x, 0.2), 0.5), 0, 1),
  softmax: (x) => softmax(x),
  softplus: op.softplus,
  softsign: activation.softsign,
  tanh: op.tanh,
  swish: activation.silu,
  mish: activation.mish,
  gelu: activation.gelu,
  gelu_new: activation.geluTanh,
};
