/**
 * @file The network of a classifier: embeddings beside standardised numbers, hidden layers with ReLU, one logit.
 *
 * The same function builds the training graph and the graph that is saved, so both compute the same.
 */
import { multiply, relu, subtract } from "../graph/ops/elementwise.ts";
import { gather } from "../graph/ops/gather.ts";
import { affine } from "../graph/ops/matmul.ts";
import { concat } from "../graph/ops/shape-ops.ts";
import { constant, type Value } from "../graph/value.ts";
import type { Random } from "../random.ts";
import type { Encoding } from "./encoding.ts";

/** A tensor that training adjusts. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A network's parameters before training. */
export function initialParameters(
  encoding: Encoding,
  hidden: readonly number[],
  baseRate: number,
  random: Random,
): Parameter[] {
  const embeddings = encoding.categorical.map(({ name, categories }): Parameter => {
    const width = embeddingWidth(categories.length);
    const data = normals((categories.length + 1) * width, 0.1, random);
    // Unknown categories have no rows to learn from: zero says nothing either way.
    data.fill(0, 0, width);
    return { name: `embedding of ${name}`, shape: [categories.length + 1, width], data };
  });
  let width = encoding.numeric.length + embeddings.reduce((sum, { shape }) => sum + (shape[1] ?? 0), 0);
  const layers: Parameter[] = [];
  for (const [index, units] of hidden.entries()) {
    // He and others, "Delving Deep into Rectifiers", 2015: variance 2 / inputs keeps ReLU layers at one scale.
    const data = normals(width * units, Math.sqrt(2 / width), random);
    layers.push({ name: `weight of layer ${index + 1}`, shape: [width, units], data });
    layers.push({ name: `bias of layer ${index + 1}`, shape: [units], data: new Float32Array(units) });
    width = units;
  }
  // Small weights around the base rate's log-odds: training starts from the best constant prediction.
  const bias = Math.log(baseRate / (1 - baseRate));
  layers.push({
    name: "weight of output",
    shape: [width, 1],
    data: normals(width, 0.1 / Math.sqrt(width), random),
  });
  layers.push({ name: "bias of output", shape: [1], data: Float32Array.of(bias) });
  return [...embeddings, ...layers];
}

/**
 * The network as a program.
 *
 * @param numbers raw numeric inputs, `[batch, numeric columns]`; undefined where there are none
 * @param categories category numbers, int64 `[batch]`, one value for each categorical input
 * @param parameters in the order of {@link initialParameters}
 * @returns logits, `[batch, 1]`
 */
export function network(
  encoding: Encoding,
  numbers: Value | undefined,
  categories: readonly Value[],
  parameters: readonly Value[],
): Value {
  const remaining = [...parameters];
  const columns = categories.map((category) => gather(next(remaining), category));
  if (numbers) columns.unshift(standardise(encoding, numbers));
  let layer = concat(columns, 1);
  while (remaining.length > 2) layer = relu(affine(layer, next(remaining), next(remaining)));
  return affine(layer, next(remaining), next(remaining));
}

function standardise(encoding: Encoding, numbers: Value): Value {
  const count = encoding.numeric.length;
  const means = Float32Array.from(encoding.numeric, ({ mean }) => mean);
  const scales = Float32Array.from(encoding.numeric, ({ deviation }) => 1 / deviation);
  const centred = subtract(numbers, constant("float32", means, [count]));
  return multiply(centred, constant("float32", scales, [count]));
}

function embeddingWidth(categories: number): number {
  return Math.min(16, Math.ceil(Math.sqrt(categories)));
}

function normals(length: number, deviation: number, random: Random): Float32Array {
  return Float32Array.from({ length }, () => deviation * random.normal());
}

function next(parameters: Value[]): Value {
  const parameter = parameters.shift();
  if (!parameter) throw new Error("a network was built with fewer parameters than it has");
  return parameter;
}
