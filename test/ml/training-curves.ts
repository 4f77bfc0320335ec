/**
 * @file The loss curves that training-curves.py recorded, with the weights and batches they began from, drawn again.
 *
 * Each value is computed in double precision and rounded to float32, in the script's order of draws.
 */
import * as v from "valibot";
import { LinearCongruential } from "../support/linear-congruential.ts";
import { readReference } from "./reference.ts";

const parameterSchema = v.variant("initial", [
  v.object({
    name: v.string(),
    shape: v.array(v.number()),
    initial: v.literal("uniform"),
    bound: v.number(),
  }),
  v.object({ name: v.string(), shape: v.array(v.number()), initial: v.picklist(["zeros", "ones"]) }),
]);

const curveName = v.picklist(["mlp", "cnn", "lstm", "lstm, one bias", "transformer"]);

/** The name of a recorded case. */
export type CurveName = v.InferOutput<typeof curveName>;

const schema = v.object({
  learningRate: v.number(),
  cases: v.array(
    v.object({
      name: curveName,
      parameters: v.array(parameterSchema),
      parameterSums: v.array(v.number()),
      batchSums: v.array(v.number()),
      labelSums: v.array(v.number()),
      losses: v.array(v.number()),
      float64Difference: v.number(),
    }),
  ),
});

/** What was recorded: settings, and for each case its parameters, its losses and sums of what was drawn. */
export const trainingCurves = readReference("training-curves", schema);

/** The record of a case. */
export type TrainingCurve = v.InferOutput<typeof schema>["cases"][number];

/** A parameter as training starts with it; `training-curves.json` says under `layouts` what its axes are. */
export interface InitialParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Rows or tokens, row-major in the shape that the script gives them, with their labels. */
export interface CurveBatch {
  readonly x: Float32Array | Int32Array;
  readonly labels: Int32Array;
}

/** The parameters of a case before its first step. */
export function initialParameters({ parameters }: TrainingCurve): readonly InitialParameter[] {
  const random = new LinearCongruential(1);
  return parameters.map((parameter) => {
    const { name, shape } = parameter;
    const length = shape.reduce((product, size) => product * size, 1);
    const draw = (): number => {
      if (parameter.initial === "uniform") return (2 * random.uniform() - 1) * parameter.bound;
      return parameter.initial === "ones" ? 1 : 0;
    };
    return { name, shape, data: Float32Array.from({ length }, draw) };
  });
}

/** The batches of a case, one for each recorded step. */
export function curveBatches({ name, losses }: TrainingCurve): readonly CurveBatch[] {
  const random = new LinearCongruential(2);
  return losses.map(() => batchMakers[name](random));
}

const noise = (random: LinearCongruential, raised: boolean): number =>
  2 * random.uniform() - 1 + (raised ? 0.5 : 0);

const batchMakers: Readonly<Record<CurveName, (random: LinearCongruential) => CurveBatch>> = {
  mlp: (random) => labelled(random, { batch: 32, classes: 3, features: 20 }, (j, label) => j % 3 === label),
  cnn: (random) =>
    labelled(random, { batch: 16, classes: 4, features: 64 }, (pixel, label) => {
      const [row, column] = [Math.floor(pixel / 8), pixel % 8];
      return Math.floor(row / 4) * 2 + Math.floor(column / 4) === label;
    }),
  lstm: sequences,
  "lstm, one bias": sequences,
  transformer: tokens,
};

/** For each row its label, then its features. */
function labelled(
  random: LinearCongruential,
  { batch, classes, features }: { batch: number; classes: number; features: number },
  isRaised: (feature: number, label: number) => boolean,
): CurveBatch {
  const labels = new Int32Array(batch);
  const x = new Float32Array(batch * features);
  for (let row = 0; row < batch; row++) {
    const label = random.below(classes);
    labels[row] = label;
    for (let j = 0; j < features; j++) x[row * features + j] = noise(random, isRaised(j, label));
  }
  return { x, labels };
}

function sequences(random: LinearCongruential): CurveBatch {
  const labels = Int32Array.from({ length: 16 }, () => random.below(4));
  const x: number[] = [];
  for (let step = 0; step < 12; step++)
    for (const label of labels)
      for (let j = 0; j < 8; j++) x.push(noise(random, step < 6 && j % 4 === label));
  return { x: Float32Array.from(x), labels };
}

function tokens(random: LinearCongruential): CurveBatch {
  const [x, labels]: [number[], number[]] = [[], []];
  for (let row = 0; row < 8; row++) {
    let token = random.below(16);
    for (let position = 0; position < 16; position++) {
      x.push(token);
      const known = random.uniform() < 0.9;
      const drawn = random.below(16);
      token = known ? (5 * token + 3) % 16 : drawn;
      labels.push(token);
    }
  }
  return { x: Int32Array.from(x), labels: Int32Array.from(labels) };
}
