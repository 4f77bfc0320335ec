/** @file Recurrent networks on tensors: any number of layers, in one or both directions, weights as PyTorch has them. */
import { GraphError } from "../errors.ts";
import {
  gruPass,
  lstmPass,
  rnnPass,
  type RecurrentLayerPass,
  type RecurrentValues,
} from "../ops/recurrent.ts";
import { broadcastTo, concat, slice, squeeze, transpose, unsqueeze } from "../ops/shape-ops.ts";
import { showShape, type Dimension, type Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { scalar, type Value } from "../value.ts";

/**
 * One direction of a recurrent layer, as PyTorch's `weight_ih_l0` and so on: `weightIh` `[gates · hidden, input]`,
 * `weightHh` `[gates · hidden, hidden]`, biases `[gates · hidden]`.
 */
export type RecurrentWeights = {
  readonly weightIh: Tensor<readonly [number, number]>;
  readonly weightHh: Tensor<readonly [number, number]>;
  readonly biasIh?: Tensor<readonly [number]>;
  readonly biasHh?: Tensor<readonly [number]>;
};

/** A recurrent layer: one direction, or both. */
export type RecurrentLayer = {
  readonly forward: RecurrentWeights;
  readonly backward?: RecurrentWeights;
};

/** States of all layers, `[layers · directions, batch, hidden]`; a layer's forward direction comes before its backward. */
export type RecurrentState<Batch extends Dimension> = Tensor<readonly [number, Batch, number]>;

/** How a recurrent network runs. */
export interface RecurrentOptions<Batch extends Dimension> {
  /** Whether input and output are `[batch, time, ...]` instead of `[time, batch, ...]`. */
  readonly batchFirst?: boolean;
  /** The states at the start; zeros where absent. */
  readonly hidden?: RecurrentState<Batch>;
}

/** How an LSTM runs. */
export interface LstmOptions<Batch extends Dimension> extends RecurrentOptions<Batch> {
  /** The cells at the start; zeros where absent. */
  readonly cell?: RecurrentState<Batch>;
}

/** What a recurrent network gives. */
export interface RecurrentResult<A extends Dimension, B extends Dimension, Batch extends Dimension> {
  /** The last layer's states at each step; of both directions side by side. */
  readonly output: Tensor<readonly [A, B, number]>;
  /** All layers' states at the end. */
  readonly hidden: RecurrentState<Batch>;
}

/** What an LSTM gives. */
export interface LstmResult<
  A extends Dimension,
  B extends Dimension,
  Batch extends Dimension,
> extends RecurrentResult<A, B, Batch> {
  /** All layers' cells at the end. */
  readonly cell: RecurrentState<Batch>;
}

/**
 * A network of LSTM layers (gates i, f, g, o, as PyTorch's `nn.LSTM`) over sequences `[time, batch, input]`.
 * @throws {@link GraphError} where weights, states and input do not fit
 */
export function lstm<A extends Dimension, B extends Dimension>(
  x: Tensor<readonly [A, B, Dimension]>,
  layers: readonly RecurrentLayer[],
  options: LstmOptions<A | B> = {},
): LstmResult<A, B, A | B> {
  const { output, states } = run(lstmPass, x, layers, options, [options.hidden, options.cell]);
  const [hidden = output, cell = output] = states;
  return { output: new Tensor(output), hidden: new Tensor(hidden), cell: new Tensor(cell) };
}

/** A network of GRU layers (gates r, z, n, reset after the product, as PyTorch's `nn.GRU`). Throws as {@link lstm}. */
export function gru<A extends Dimension, B extends Dimension>(
  x: Tensor<readonly [A, B, Dimension]>,
  layers: readonly RecurrentLayer[],
  options: RecurrentOptions<A | B> = {},
): RecurrentResult<A, B, A | B> {
  const { output, states } = run(gruPass, x, layers, options, [options.hidden]);
  return { output: new Tensor(output), hidden: new Tensor(states[0] ?? output) };
}

/** A network of plain recurrent layers (`tanh`, as PyTorch's `nn.RNN`). Throws as {@link lstm}. */
export function rnn<A extends Dimension, B extends Dimension>(
  x: Tensor<readonly [A, B, Dimension]>,
  layers: readonly RecurrentLayer[],
  options: RecurrentOptions<A | B> = {},
): RecurrentResult<A, B, A | B> {
  const { output, states } = run(rnnPass, x, layers, options, [options.hidden]);
  return { output: new Tensor(output), hidden: new Tensor(states[0] ?? output) };
}

/** The layers one after the other; of each kind of state, those of all layers and directions. */
function run(
  pass: RecurrentLayerPass,
  x: Tensor,
  layers: readonly RecurrentLayer[],
  { batchFirst = false }: RecurrentOptions<Dimension>,
  initial: readonly (Tensor | undefined)[],
): { readonly output: Value; readonly states: readonly Value[] } {
  if (x.value.shape.length !== 3)
    throw new GraphError(`a recurrent network takes sequences of batches, not ${showShape(x.value.shape)}`);
  if (layers.length === 0) throw new GraphError("a recurrent network needs a layer");
  const passes = layers.flatMap(({ forward, backward }) =>
    backward ? [forward, backward] : [forward],
  ).length;
  for (const state of initial) checkState(state, passes);
  let sequence = batchFirst ? transpose(x.value, [1, 0, 2]) : x.value;
  const ends: Value[][] = initial.map(() => []);
  let position = 0;
  for (const { forward, backward } of layers) {
    const outputs: Value[] = [];
    for (const [weights, reverse] of [[forward, false] as const, [backward, true] as const]) {
      if (!weights) continue;
      const starts = initial.map((state) => startOf(state, position, sequence, weights));
      const { output, states } = pass(sequence, starts, valuesOf(weights), { reverse });
      outputs.push(output);
      for (const [kind, state] of states.entries()) ends[kind]?.push(unsqueeze(state, 0));
      position++;
    }
    sequence = concat(outputs, 2);
  }
  return {
    output: batchFirst ? transpose(sequence, [1, 0, 2]) : sequence,
    states: ends.map((each) => concat(each, 0)),
  };
}

function checkState(state: Tensor | undefined, passes: number): void {
  const shape: Shape | undefined = state?.value.shape;
  if (shape && (shape.length !== 3 || shape[0] !== passes))
    throw new GraphError(
      `a recurrent network of ${passes} layers and directions takes states [${passes}, batch, hidden], not ${showShape(shape)}`,
    );
}

function startOf(
  state: Tensor | undefined,
  position: number,
  x: Value,
  { weightHh }: RecurrentWeights,
): Value {
  if (state) return squeeze(slice(state.value, [{ axis: 0, start: position, end: position + 1 }]), 0);
  const shape = [x.shape[1] ?? 1, weightHh.value.shape[1] ?? 1];
  return broadcastTo(scalar(x.dtype, 0), shape, [x]);
}

function valuesOf({ weightIh, weightHh, biasIh, biasHh }: RecurrentWeights): RecurrentValues {
  return {
    weightIh: weightIh.value,
    weightHh: weightHh.value,
    biasIh: biasIh?.value,
    biasHh: biasHh?.value,
  };
}
