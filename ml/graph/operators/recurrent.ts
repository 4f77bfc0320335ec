/**
 * @file The rules of LSTM, GRU and RNN (ONNX operator specification): ONNX Runtime's own kernels forward; backward the
 * same network as a Scan, which has gradients.
 */
import { GraphError } from "../errors.ts";
import { showShape } from "../shape.ts";
import { scalar, type Attributes, type Value, type ValueType } from "../value.ts";
import {
  defineOperator,
  floatAttribute,
  intAttribute,
  required,
  textAttribute,
  type Application,
  type GradientContext,
} from "../ops/apply.ts";
import { gruPass, lstmPass, rnnPass, type RecurrentLayerPass } from "../ops/recurrent.ts";
import { broadcastTo, concat, slice, split, squeeze, unsqueeze } from "../ops/shape-ops.ts";

interface Kind {
  readonly pass: RecurrentLayerPass;
  /** Where PyTorch's gates stand among ONNX's. */
  readonly order: readonly number[];
  readonly states: number;
  readonly activations: readonly string[];
}

const kinds: Readonly<Record<string, Kind>> = {
  LSTM: { pass: lstmPass, order: [0, 2, 3, 1], states: 2, activations: ["Sigmoid", "Tanh", "Tanh"] },
  GRU: { pass: gruPass, order: [1, 0, 2], states: 1, activations: ["Sigmoid", "Tanh"] },
  RNN: { pass: rnnPass, order: [0], states: 1, activations: ["Tanh"] },
};

for (const [name, kind] of Object.entries(kinds))
  defineOperator(name, {
    infer: (application) => typesOf(application, kind),
    gradient: (context) => gradients(name, kind, context),
  });

function typesOf(application: Application, { order, states }: Kind): readonly ValueType[] {
  const { operator, attributes, outputCount } = application;
  const [x, weights, recurrent] = [0, 1, 2].map((index) => required(application, index));
  const [steps = 1, batch = 1, width] = x?.shape ?? [];
  const [directions = 1, rows] = weights?.shape ?? [];
  const hidden = recurrent?.shape[2] ?? 1;
  if (x?.shape.length !== 3 || weights?.shape.length !== 3 || weights.shape[2] !== width)
    throw new GraphError(
      `${operator}: an input ${showShape(x?.shape ?? [])} and weights ${showShape(weights?.shape ?? [])} are not [steps, batch, size] and [directions, gates, size]`,
    );
  if (typeof hidden === "number" && rows !== order.length * hidden)
    throw new GraphError(`${operator}: ${rows} rows of weights are not ${order.length} gates of ${hidden}`);
  if (intAttribute(attributes, "layout", 0) !== 0)
    throw new GraphError(`${operator}: sequences with the batch first are not supported`);
  const { dtype } = x;
  const state = { dtype, shape: [directions, batch, hidden] };
  const all = [
    { dtype, shape: [steps, directions, batch, hidden] },
    ...Array.from({ length: states }, () => state),
  ];
  return all.slice(0, outputCount);
}

function gradients(name: string, kind: Kind, context: GradientContext): readonly (Value | undefined)[] {
  const { inputs, attributes, pullBack, outputs } = context;
  checkForm(name, kind, inputs, attributes);
  const composed = compose(kind, context).slice(0, outputs.length);
  const floats = inputs
    .filter((each, index) => each !== undefined && index !== 4)
    .filter((each) => each !== undefined);
  const leaves = new Set(floats);
  const found = pullBack(composed, context.gradients, floats, (value) => leaves.has(value));
  return inputs.map((each) => each && found[floats.indexOf(each)]);
}

/** Throws {@link GraphError} for forms of the network that PyTorch doesn't have. */
function checkForm(
  name: string,
  { activations, order }: Kind,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes,
): void {
  const named = attributes["activations"];
  const isPlain =
    !named ||
    ("texts" in named &&
      named.texts.every((each, index) => each === activations[index % activations.length]));
  const isAfter = order.length !== 3 || intAttribute(attributes, "linear_before_reset", 0) === 1;
  const isWhole = !inputs[4] && !inputs[7] && floatAttribute(attributes, "clip", 0) === 0;
  if (!isPlain || !isAfter || !isWhole || intAttribute(attributes, "input_forget", 0) === 1)
    throw new GraphError(
      `the gradient of ${name} is known for its plain form only: without lengths, peepholes, limits and other activations, a GRU with the reset after the product`,
    );
}

/** The network's outputs by Scans, one for each direction. */
function compose(
  { pass, order, states: count }: Kind,
  context: Pick<GradientContext, "inputs" | "attributes">,
): Value[] {
  const x = required(context, 0);
  const direction = textAttribute(context.attributes, "direction", "forward");
  const directions = direction === "bidirectional" ? [false, true] : [direction === "reverse"];
  const of = (index: number, at: number): Value | undefined => {
    const value = context.inputs[index];
    return value && squeeze(slice(value, [{ axis: 0, start: at, end: at + 1 }]), 0);
  };
  const passes = directions.map((reverse, at) => {
    const [weightIh, weightHh, bias] = [of(1, at), of(2, at), of(3, at)];
    if (!weightIh || !weightHh) throw new GraphError("a recurrent network needs weights");
    const hidden = Number(weightHh.shape[1]);
    const gates = (value: Value): Value => inOrder(value, order, hidden);
    const [biasIh, biasHh] = bias
      ? split(bias, [order.length * hidden, order.length * hidden], 0).map(gates)
      : [];
    const zeros = zeroState(x, hidden);
    const states = Array.from({ length: count }, (_, state) => of(5 + state, at) ?? zeros);
    return pass(
      x,
      states,
      { weightIh: gates(weightIh), weightHh: gates(weightHh), biasIh, biasHh },
      { reverse },
    );
  });
  const output = concat(
    passes.map((each) => unsqueeze(each.output, 1)),
    1,
  );
  const states = Array.from({ length: count }, (_, state) =>
    concat(
      passes.map((each) => unsqueeze(each.states[state] ?? x, 0)),
      0,
    ),
  );
  return [output, ...states];
}

function inOrder(value: Value, order: readonly number[], hidden: number): Value {
  if (order.length === 1) return value;
  const parts = split(
    value,
    order.map(() => hidden),
    0,
  );
  return concat(
    order.map((from) => parts[from] ?? value),
    0,
  );
}

function zeroState(x: Value, hidden: number): Value {
  return broadcastTo(scalar(x.dtype, 0), [x.shape[1] ?? 1, hidden], [x]);
}
