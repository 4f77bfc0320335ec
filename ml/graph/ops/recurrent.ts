/**
 * @file Recurrent layers as values, one direction of one layer at a time, time first.
 *
 * Weights have PyTorch's layout: the gates' rows one below the other, `weightIh` `[gates · hidden, input]`, `weightHh`
 * `[gates · hidden, hidden]`. What depends on the input alone is one product before the scan.
 */
import { GraphError } from "../errors.ts";
import { sameShape, showShape, type Dimension } from "../shape.ts";
import type { Value } from "../value.ts";
import { add, multiply, sigmoid, subtract, tanh } from "./elementwise.ts";
import { gated } from "./gated.ts";
import { gemm, linear } from "./matmul.ts";
import { scan, type ScanOptions } from "./scan.ts";
import { split } from "./shape-ops.ts";

/** The weights of one direction of a recurrent layer; biases `[gates · hidden]`. */
export interface RecurrentValues {
  readonly weightIh: Value;
  readonly weightHh: Value;
  readonly biasIh?: Value | undefined;
  readonly biasHh?: Value | undefined;
}

/** What one direction of a layer makes of a sequence: outputs `[time, batch, hidden]` and its states at the end. */
export interface RecurrentPass {
  readonly output: Value;
  readonly states: readonly Value[];
}

/** One direction of a recurrent layer over `x` `[time, batch, input]` from states `[batch, hidden]`. */
export type RecurrentLayerPass = (
  x: Value,
  states: readonly Value[],
  weights: RecurrentValues,
  options?: ScanOptions,
) => RecurrentPass;

/**
 * The size of a layer's states.
 * @throws {@link GraphError} where weights and input do not fit
 */
function hiddenSize(what: string, gates: number, x: Value, weights: RecurrentValues): number {
  const { weightIh, weightHh, biasIh, biasHh } = weights;
  const hidden = weightHh.shape[1];
  if (x.shape.length !== 3)
    throw new GraphError(`${what}: the input must be [time, batch, features], not ${showShape(x.shape)}`);
  if (typeof hidden !== "number" || weightHh.shape[0] !== gates * hidden)
    throw new GraphError(
      `${what}: weightHh must be [${gates} · hidden, hidden], not ${showShape(weightHh.shape)}`,
    );
  const check = (name: string, value: Value | undefined, shape: readonly (Dimension | undefined)[]): void => {
    if (
      value &&
      (value.shape.length !== shape.length || value.shape.some((size, axis) => size !== shape[axis]))
    )
      throw new GraphError(`${what}: ${name} must be [${shape.join(", ")}], not ${showShape(value.shape)}`);
  };
  check("weightIh", weightIh, [gates * hidden, x.shape[2]]);
  check("biasIh", biasIh, [gates * hidden]);
  check("biasHh", biasHh, [gates * hidden]);
  return hidden;
}

function sumOf(a: Value | undefined, b: Value | undefined): Value | undefined {
  return a && b ? add(a, b) : (a ?? b);
}

function stateOf(what: string, states: readonly Value[], index: number, x: Value, hidden: number): Value {
  const state = states[index];
  const shape = [x.shape[1] ?? 1, hidden];
  if (!state || !sameShape(state.shape, shape))
    throw new GraphError(
      `${what}: a state must be ${showShape(shape)}, not ${state ? showShape(state.shape) : "left out"}`,
    );
  return state;
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997; with forget gate: Gers et al., 2000), gates in PyTorch's
 * order i, f, g, o: `c' = σ(f) c + σ(i) tanh(g)`, `h' = σ(o) tanh(c')`. States: h, c.
 */
export const lstmPass: RecurrentLayerPass = (x, states, weights, options) => {
  const hidden = hiddenSize("lstm", 4, x, weights);
  const h0 = stateOf("lstm", states, 0, x, hidden);
  const c0 = stateOf("lstm", states, 1, x, hidden);
  const projected = linear(x, weights.weightIh, sumOf(weights.biasIh, weights.biasHh));
  const step = ([h = h0, c = c0]: readonly Value[], [x = projected]: readonly Value[]) => {
    const gates = gemm(h, weights.weightHh, x, { transposeB: true });
    const [i = x, f = x, g = x, o = x] = split(gates, [hidden, hidden, hidden, hidden], 1);
    const cell = add(gated(c, f), gated(tanh(g), i));
    const next = gated(tanh(cell), o);
    return { carry: [next, cell], outputs: [next] };
  };
  const { carry, outputs } = scan([h0, c0], [projected], step, options);
  return { output: outputs[0] ?? projected, states: carry };
};

/**
 * The gated recurrent unit (Cho et al., 2014) in PyTorch's form, which resets after the product: gates r, z, n,
 * `n = tanh(Wx + b + r (Uh + c))`, `h' = (1 - z) n + z h`. State: h.
 */
export const gruPass: RecurrentLayerPass = (x, states, weights, options) => {
  const hidden = hiddenSize("gru", 3, x, weights);
  const h0 = stateOf("gru", states, 0, x, hidden);
  const projected = linear(x, weights.weightIh, weights.biasIh);
  const step = ([h = h0]: readonly Value[], [x = projected]: readonly Value[]) => {
    const recurrent = gemm(h, weights.weightHh, weights.biasHh, { transposeB: true });
    const [xrz = x, xn = x] = split(x, [2 * hidden, hidden], 1);
    const [hrz = x, hn = x] = split(recurrent, [2 * hidden, hidden], 1);
    const [r = x, z = x] = split(sigmoid(add(xrz, hrz)), [hidden, hidden], 1);
    const n = tanh(add(xn, multiply(r, hn)));
    const next = add(n, multiply(z, subtract(h, n)));
    return { carry: [next], outputs: [next] };
  };
  const { carry, outputs } = scan([h0], [projected], step, options);
  return { output: outputs[0] ?? projected, states: carry };
};

/** The plain recurrent network (Elman, 1990): `h' = tanh(Wx + Uh + b)`. State: h. */
export const rnnPass: RecurrentLayerPass = (x, states, weights, options) => {
  const hidden = hiddenSize("rnn", 1, x, weights);
  const h0 = stateOf("rnn", states, 0, x, hidden);
  const projected = linear(x, weights.weightIh, sumOf(weights.biasIh, weights.biasHh));
  const step = ([h = h0]: readonly Value[], [x = projected]: readonly Value[]) => {
    const next = tanh(gemm(h, weights.weightHh, x, { transposeB: true }));
    return { carry: [next], outputs: [next] };
  };
  const { carry, outputs } = scan([h0], [projected], step, options);
  return { output: outputs[0] ?? projected, states: carry };
};
