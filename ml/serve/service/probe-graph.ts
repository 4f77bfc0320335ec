/**
 * @file Whether a compiled graph answers as ONNX Runtime does, where nothing was recorded with the model: asked with rows made up
 * so that they come to both sides of the tests of its trees, to equal values and to missing ones.
 */
import type { OnnxGraph } from "../../graph/onnx/model.ts";
import { Random } from "../../random.ts";
import type { GraphEngine } from "../engines/compiled/graph-engine.ts";
import type { Engine } from "../engines/engine.ts";
import type { InferenceTensor } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import type { ModelPlan } from "../plan/model-plan.ts";

const rows = 256;
/** As for recorded rows. */
const tolerance = 1e-5;
/** Labels change where two scores are equal but for the order of a sum. */
const mostOtherLabels = rows / 50;

/** Whether both give the same for made-up rows; no where the runtime doesn't take these. */
export async function answersAsRuntime(
  plan: ModelPlan,
  graph: OnnxGraph,
  compiled: GraphEngine,
  runtime: Engine,
): Promise<boolean> {
  const inputs = probes(graph, plan.inputs[0]?.shape[0] ?? 1);
  const limits = { deadline: Number.POSITIVE_INFINITY, priority: 0, signal: undefined };
  let expected: readonly InferenceTensor[];
  try {
    expected = await runtime.run(inputs, limits);
  } catch {
    return false;
  }
  return compiled.run(inputs).every((found, at) => isAlike(found, expected[at]));
}

function isAlike({ datatype, data }: InferenceTensor, expected: InferenceTensor | undefined): boolean {
  if (expected?.data.length !== data.length) return false;
  let others = 0;
  for (let at = 0; at < data.length; at++) {
    const [one, other] = [data[at], expected.data[at]];
    if (datatype !== "FP32") others += Number(one !== other);
    else if (!(Number.isNaN(one) && Number.isNaN(other))) {
      const difference = Math.abs(Number(one) - Number(other));
      if (one !== other && !(difference <= tolerance * Math.max(1, Math.abs(Number(other))))) return false;
    }
  }
  return others <= mostOtherLabels;
}

function probes({ nodes }: OnnxGraph, width: number): ModelInputs {
  const random = new Random(1);
  const limits = Array.from({ length: width }, (): number[] => []);
  for (const { attributes } of nodes) {
    const { nodes_featureids: features, nodes_values: values } = attributes;
    if (!(features && "ints" in features && values && "floats" in values)) continue;
    for (const [at, feature] of features.ints.entries()) limits[feature]?.push(values.floats[at] ?? 0);
  }
  const value = (column: number): number => {
    const kind = random.uniform();
    const tested = limits[column] ?? [];
    const limit = tested[Math.floor(random.uniform() * tested.length)] ?? random.normal();
    if (kind < 0.1) return Number.NaN;
    if (kind < 0.4) return limit;
    return limit + random.normal() * (kind < 0.7 ? 1e-3 : 1) * Math.max(1, Math.abs(limit));
  };
  return {
    rows,
    numbers: new Float64Array(0),
    texts: [],
    tensors: [Float32Array.from({ length: rows * width }, (_, at) => value(at % width))],
    shapes: [[rows, width]],
  };
}
