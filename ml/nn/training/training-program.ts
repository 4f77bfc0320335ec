/** @file A loss traced to the programs of a training: with gradients for steps, without them for measuring. */
import { encodeOnnx } from "../../graph/onnx/encode.ts";
import { GraphError } from "../../graph/errors.ts";
import { gradients } from "../../graph/gradients.ts";
import { scaleNames } from "../../graph/loss-scaling.ts";
import { lower } from "../../graph/lower.ts";
import {
  gradientOutput,
  lossOutput,
  metricOutput,
  nextOutput,
  type PlannedNoise,
} from "../../graph/runtime/training-protocol.ts";
import { divide, multiply } from "../../graph/ops/elementwise.ts";
import { traceRandom } from "../../graph/ops/random.ts";
import { knownSizes, showShape } from "../../graph/shape.ts";
import { Tensor } from "../../graph/tensor.ts";
import { HalfPrecision, type HalfDType } from "../../graph/transforms/half-precision.ts";
import { describe, leaves, mapTree, type Tree } from "../../graph/trees.ts";
import { input, withGradient, type Node, type Value } from "../../graph/value.ts";
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
  /** The program's nodes by their names in the model, for errors that name them. */
  readonly nodes: ReadonlyMap<string, Node>;
  /** The inputs that the program declares, and its outputs by name. */
  readonly inputs: readonly Value[];
  readonly outputs: Readonly<Record<string, Value>>;
}

/**
 * Traces a loss over parameters and a batch that stands for those to come.
 * @param precision what products of matrices and convolutions are computed in; float32 where undefined
 * @throws {@link GraphError} where the loss is no scalar, or depends on no parameter
 */
export function traceLoss<P extends Tree, B extends Tree>(
  loss: LossFunction<P, B>,
  parameters: P,
  batch: B,
  isMeasuring: boolean,
  precision?: HalfDType,
): TracedLoss {
  const given = mapTree(parameters, ({ value }, path) => new Tensor(input(path, value.dtype, value.shape)));
  const half = precision && halved(given, precision);
  const places = half?.places ?? given;
  const mode = new TrainingMode();
  const result: unknown = traceRandom(() => loss(places, batch, isMeasuring ? inference : mode));
  const { loss: lossTensor, ...metrics } = scalarsOf(result);
  requireScalar("the loss", lossTensor);
  const computed = (value: Value): Value => half?.rewritten(value) ?? value;
  const lossValue = computed(lossTensor.value);
  const inputs = leaves(given);
  const outputs: Record<string, Value> = { [lossOutput]: lossValue };
  for (const [name, metric] of Object.entries(metrics)) {
    requireScalar(`the metric "${name}"`, metric);
    outputs[metricOutput(name)] = computed(metric.value);
  }
  const pathOf = new Map(leaves(places).map(([path, place]) => [place, path]));
  const isScaled = precision === "float16";
  const factor = input(scaleNames.factor, "float32", []);
  const trained: string[] = [];
  const updated: string[] = [];
  if (!isMeasuring) {
    for (const [place, next] of mode.updates) {
      const path = pathOf.get(place);
      if (path === undefined) throw new GraphError("a layer updates a tensor that is no parameter");
      updated.push(path);
      outputs[nextOutput(path)] = computed(next.value);
    }
    const candidates = inputs.filter(
      ([path, { value }]) => floatDTypes.has(value.dtype) && !updated.includes(path),
    );
    const found = gradients(
      isScaled ? multiply(lossValue, factor) : lossValue,
      candidates.map(([, { value }]) => value),
    );
    for (const [index, [path, { value }]] of candidates.entries()) {
      const gradient = found[index];
      if (!gradient) continue;
      if (value.dtype !== "float32")
        throw new GraphError(
          `"${path}" is ${value.dtype}: only float32 is trained. Convert it by cast(), or leave it alone by stopGradient()`,
        );
      trained.push(path);
      outputs[gradientOutput(path)] = isScaled ? divide(gradient, factor) : gradient;
    }
    if (trained.length === 0)
      throw new GraphError("the loss depends on no parameter: there is nothing to train");
  }
  const declared = [
    ...[...inputs, ...leaves(batch)].map(([, { value }]) => value),
    ...(isScaled ? [factor, input(scaleNames.steps, "float32", [])] : []),
  ];
  const { model, feeds, nodes } = lower(declared, outputs);
  const moved = new Set([...trained, ...updated]);
  return {
    model: encodeOnnx(model),
    trained,
    updated,
    fixed: inputs.map(([path]) => path).filter((path) => !moved.has(path)),
    metrics: Object.keys(metrics),
    noise: plannedNoise(feeds),
    nodes,
    inputs: declared,
    outputs,
  };
}

/** Places for parameters, and what rewrites that which is computed of them into half precision. */
function halved<P extends Tree>(
  parameters: P,
  precision: HalfDType,
): { readonly places: P; readonly rewritten: (value: Value) => Value } {
  const pairs: (readonly [Value, Value])[] = [];
  const places = mapTree(parameters, ({ value }) => {
    const place = withGradient(value, [value], (gradient) => [gradient]);
    pairs.push([place, value]);
    return new Tensor(place);
  });
  const rewriter = new HalfPrecision(pairs, precision);
  return { places, rewritten: (value) => rewriter.rewriteWide([value])[0] ?? value };
}

const floatDTypes: ReadonlySet<string> = new Set(["float32", "float64", "float16", "bfloat16"]);

/** What is fed to a program of training beside parameters and batches, which must be noise. */
export function plannedNoise(feeds: ReadonlyMap<string, Value>): readonly PlannedNoise[] {
  return [...feeds].map(([name, { source, shape: sizes }]) => {
    const shape = knownSizes(sizes);
    if (source.kind !== "random" || !shape)
      throw new GraphError(
        "a step of training can't use a tensor that an earlier run keeps: read its data first",
      );
    return { name, distribution: source.distribution, stream: source.stream, shape };
  });
}

/** What a loss function gave, which may not be what its type says. */
function scalarsOf(result: unknown): Readonly<Record<string, unknown>> {
  if (result instanceof Tensor) return { loss: result };
  if (typeof result !== "object" || result === null || !("loss" in result))
    throw new GraphError(
      `the loss function gave ${describe(result)}: it must give a scalar tensor, or an object with one under "loss"`,
    );
  return Object.fromEntries(Object.entries(result));
}

function requireScalar(what: string, found: unknown): asserts found is Tensor {
  if (!(found instanceof Tensor))
    throw new GraphError(`${what} must be a scalar tensor, not ${describe(found)}`);
  if (found.value.shape.length > 0)
    throw new GraphError(`${what} must be a scalar, not ${showShape(found.value.shape)}`);
}
