/** @file Recurrent networks as layers over sequences `[batch, time, features]`. */
import {
  gru as runGru,
  lstm as runLstm,
  rnn as runRnn,
  type RecurrentLayer,
} from "../../graph/functions/recurrent.ts";
import { GraphError } from "../../graph/errors.ts";
import { slice, squeeze } from "../../graph/ops/shape-ops.ts";
import type { Dimension } from "../../graph/shape.ts";
import { Tensor } from "../../graph/tensor.ts";
import type { Random } from "../../random.ts";
import { uniformInitialiser } from "./initialisers.ts";
import { layer, type Layer, type NoParameters } from "./layer.ts";

/** The weights of one direction of a recurrent layer, of PyTorch's layout. */
export type DirectionParameters = {
  readonly weightIh: Tensor<readonly [number, number], "float32">;
  readonly weightHh: Tensor<readonly [number, number], "float32">;
  readonly biasIh: Tensor<readonly [number], "float32">;
  readonly biasHh: Tensor<readonly [number], "float32">;
};

/** The parameters of a recurrent network: those of each layer, of one direction or of both. */
export type RecurrentParameters = readonly {
  readonly forward: DirectionParameters;
  readonly backward?: DirectionParameters;
}[];

/** How a recurrent network is built. */
export interface RecurrentSettings {
  /** How many layers; 1 where absent. */
  readonly layers?: number;
}

/** A recurrent network over sequences. */
export type RecurrentNetwork<In extends number, Out extends number> = Layer<
  RecurrentParameters,
  readonly [Dimension, In],
  readonly [Dimension, Out]
>;

type Run = (
  x: Tensor,
  layers: readonly RecurrentLayer[],
  options: { readonly batchFirst: true },
) => {
  readonly output: Tensor;
};

function network<In extends number, Out extends number>(
  run: Run,
  gates: number,
  inputs: In,
  hidden: number,
  bidirectional: boolean,
  { layers = 1 }: RecurrentSettings,
): RecurrentNetwork<In, Out> {
  return layer({
    init: (random): RecurrentParameters =>
      Array.from({ length: layers }, (_, index) => {
        const width = index === 0 ? inputs : hidden * (bidirectional ? 2 : 1);
        const forward = direction(gates, width, hidden, random);
        return bidirectional ? { forward, backward: direction(gates, width, hidden, random) } : { forward };
      }),
    apply: (parameters, x) => run(x, parameters, { batchFirst: true }).output,
  });
}

/** All begin uniform within ±1/√hidden, as in PyTorch. */
function direction(gates: number, inputs: number, hidden: number, random: Random): DirectionParameters {
  const draw = uniformInitialiser(1 / Math.sqrt(hidden));
  const fan = { in: hidden, out: hidden };
  return {
    weightIh: draw([gates * hidden, inputs], fan, random),
    weightHh: draw([gates * hidden, hidden], fan, random),
    biasIh: draw([gates * hidden], fan, random),
    biasHh: draw([gates * hidden], fan, random),
  };
}

/** LSTM layers (Hochreiter and Schmidhuber, 1997): `[time, inputs]` to the states at each step, `[time, hidden]`. */
export function lstm<const In extends number, const Hidden extends number>(
  inputs: In,
  hidden: Hidden,
  settings: RecurrentSettings = {},
): RecurrentNetwork<In, Hidden> {
  return network(runLstm, 4, inputs, hidden, false, settings);
}

/** GRU layers (Cho and others, 2014): `[time, inputs]` to the states at each step, `[time, hidden]`. */
export function gru<const In extends number, const Hidden extends number>(
  inputs: In,
  hidden: Hidden,
  settings: RecurrentSettings = {},
): RecurrentNetwork<In, Hidden> {
  return network(runGru, 3, inputs, hidden, false, settings);
}

/** Plain recurrent layers with tanh (Elman, 1990): `[time, inputs]` to the states at each step, `[time, hidden]`. */
export function rnn<const In extends number, const Hidden extends number>(
  inputs: In,
  hidden: Hidden,
  settings: RecurrentSettings = {},
): RecurrentNetwork<In, Hidden> {
  return network(runRnn, 1, inputs, hidden, false, settings);
}

/** LSTM layers in both directions: the states of both side by side at each step, `[time, 2 · hidden]`. */
export function bidirectionalLstm<const In extends number>(
  inputs: In,
  hidden: number,
  settings: RecurrentSettings = {},
): RecurrentNetwork<In, number> {
  return network(runLstm, 4, inputs, hidden, true, settings);
}

/** GRU layers in both directions: the states of both side by side at each step, `[time, 2 · hidden]`. */
export function bidirectionalGru<const In extends number>(
  inputs: In,
  hidden: number,
  settings: RecurrentSettings = {},
): RecurrentNetwork<In, number> {
  return network(runGru, 3, inputs, hidden, true, settings);
}

/** The last step of each sequence: `[time, width]` to `[width]`. */
export function lastStep<const Width extends number>(
  width: Width,
): Layer<NoParameters, readonly [Dimension, Width], readonly [Width]> {
  return layer<NoParameters, readonly [Dimension, Width], readonly [Width]>({
    init: () => [],
    apply: (_parameters, { value }) => {
      const axis = value.shape.length - 2;
      if (value.shape[axis + 1] !== width) throw new GraphError(`lastStep: the steps are not ${width} wide`);
      return new Tensor(squeeze(slice(value, [{ axis, start: -1 }]), axis));
    },
  });
}
