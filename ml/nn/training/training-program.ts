/** @file A loss traced to the programs of a training: with gradients for steps, without them for measuring. */
import { encodeOnnx } from "../../graph/onnx/encode.ts";
import { GraphError } from "../../graph/errors.ts";
import { gradients } from "../../graph/gradients.ts";
import { lower } from "../../graph/lower.ts";
import {
  gradientOutput,
  lossOutput,
  nextOutput,
  type PlannedNoise,
} from "../../graph/runtime/training-protocol.ts";
import { traceRandom } from "../../graph/ops/random.ts";
import { knownSizes, showShape } from "../../graph/shape.ts";
import { Tensor } from "../../graph/tensor.ts";
import { leaves, mapTree, type Tree } from "../../graph/trees.ts";
import { input, type Value } from "../../graph/value.ts";
import { inference, TrainingMode, type Mode } from "../layers/mode.ts";

/** What a loss function gives: the loss, alone or with other scalars to be reported beside it. */
export type LossResult =
  | Tensor<readonly []>
  | { readonly loss: Tensor<readonly []>; readonly [metric: string]: Tensor<readonly []> };

/** The loss of a batch under parameters. */
export type LossFunction<P extends Tree, B> = (parameters: P, batch: B, mode: Mode) => LossResult;

/** A traced loss. */
export interface TracedLoss {
  readonly model: Uint8Array;
  /** Parameters that gradients move, by path. */
  readonly trained: readonly string[];
  /** Parameters that the step itself gives new values, by path. */
  readonly updated: readonly string[];
  /** Parameters that stay as they are, by path. */
  readonly fixed: readonly string[];
  readonly metrics: readonly string[];
  readonly noise: readonly PlannedNoise[];
  /** Every value of the program, each after what it is computed from: to find where a number went wrong. */
  readonly loss: Value;
}

/**
 * Traces a loss over parameters and a batch that stands for those to come.
 * @throws {@link GraphError} where the loss is no scalar, or depends on no parameter
 */
export function traceLoss<P extends Tree, B extends Tree>(
  loss: LossFunction<P, B>,
  parameters: P,
  batch: B,
  isMeasuring: boolean,
): TracedLoss {
  const places = mapTree(parameters, ({ value }, path) => new Tensor(input(path, value.dtype, value.shape)));
  const mode = new TrainingMode();
  const result = traceRandom(() => loss(places, batch, isMeasuring ? inference : mode));
  const { loss: lossTensor, ...metrics } = result instanceof Tensor ? { loss: result } : result;
  requireScalar("the loss", lossTensor);
  for (const [name, metric] of Object.entries(metrics)) requireScalar(`the metric "${name}"`, metric);
  const inputs = leaves(places);
  const outputs: Record<string, Value> = { [lossOutput]: lossTensor.value };
  for (const [name, metric] of Object.entries(metrics)) outputs[name] = metric.value;
  const pathOf = new Map(inputs.map(([path, place]) => [place, path]));
  const trained: string[] = [];
  const updated: string[] = [];
  if (!isMeasuring) {
    for (const [place, next] of mode.updates) {
      const path = pathOf.get(place);
      if (path === undefined) throw new GraphError("a layer updates a tensor that is no parameter");
      updated.push(path);
      outputs[nextOutput(path)] = next.value;
    }
    const candidates = inputs.filter(
      ([path, { value }]) => value.dtype === "float32" && !updated.includes(path),
    );
    const found = gradients(
      lossTensor.value,
      candidates.map(([, { value }]) => value),
    );
    for (const [index, [path]] of candidates.entries()) {
      const gradient = found[index];
      if (!gradient) continue;
      trained.push(path);
      outputs[gradientOutput(path)] = gradient;
    }
    if (trained.length === 0)
      throw new GraphError("the loss depends on no parameter: there is nothing to train");
  }
  const { model, feeds } = lower(
    [...inputs, ...leaves(batch)].map(([, { value }]) => value),
    outputs,
  );
  const moved = new Set([...trained, ...updated]);
  return {
    model: encodeOnnx(model),
    trained,
    updated,
    fixed: inputs.map(([path]) => path).filter((path) => !moved.has(path)),
    metrics: Object.keys(metrics),
    noise: [...feeds].map(([name, value]) => plannedNoise(name, value)),
    loss: lossTensor.value,
  };
}

function plannedNoise(name: string, value: Value): PlannedNoise {
  const { source } = value;
  const shape = knownSizes(value.shape);
  if (source.kind !== "random" || !shape)
    throw new GraphError(
      "a step of training can't use a tensor that an earlier run keeps: read its data first",
    );
  return { name, distribution: source.distribution, stream: source.stream, shape };
}

function requireScalar(what: string, tensor: Tensor): void {
  if (!(tensor instanceof Tensor) || tensor.value.shape.length > 0)
    throw new GraphError(
      `${what} must be a scalar${tensor instanceof Tensor ? `, not ${showShape(tensor.value.shape)}` : ""}`,
    );
}
