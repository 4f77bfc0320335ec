/**
 * @file The data of every case, the same for all subjects: torch_samples.py draws the same numbers.
 *
 * Batches are learnable, so that the loss of a subject that really trains falls.
 */
import { LinearCongruential } from "../../support/linear-congruential.ts";

/** Rows with their labels, both in row-major order. */
export interface Batch {
  readonly x: Float32Array | Int32Array;
  readonly labels: Int32Array;
}

const batchCount = 4;
const classes = 10;

/** Images [batch, 1, 28, 28] of noise, where the diagonals of a class are brighter. */
function images(random: LinearCongruential, batch: number): Batch {
  const x = new Float32Array(batch * 28 * 28);
  const labels = new Int32Array(batch);
  let position = 0;
  for (let index = 0; index < batch; index++) {
    const label = random.below(classes);
    labels[index] = label;
    for (let row = 0; row < 28; row++)
      for (let column = 0; column < 28; column++)
        x[position++] = random.uniform() + ((row + column) % classes === label ? 1 : 0);
  }
  return { x, labels };
}

/** Sequences [steps, batch, features] of noise, where some features of a class are raised. */
function sequences(random: LinearCongruential, batch: number, steps: number, features: number): Batch {
  const labels = Int32Array.from({ length: batch }, () => random.below(classes));
  const x = new Float32Array(steps * batch * features);
  let position = 0;
  for (let step = 0; step < steps; step++)
    for (const label of labels)
      for (let feature = 0; feature < features; feature++)
        x[position++] = 2 * random.uniform() - 1 + (feature % classes === label ? 0.5 : 0);
  return { x, labels };
}

/** Tokens [batch, length] and their successors: nine of ten follow from the token before. */
function text(random: LinearCongruential, batch: number, length: number, vocabulary: number): Batch {
  const x = new Int32Array(batch * length);
  const labels = new Int32Array(batch * length);
  for (let row = 0; row < batch; row++) {
    let token = random.below(vocabulary);
    for (let position = row * length; position < (row + 1) * length; position++) {
      x[position] = token;
      const known = random.uniform() < 0.9;
      const drawn = random.below(vocabulary);
      token = known ? (5 * token + 7) % vocabulary : drawn;
      labels[position] = token;
    }
  }
  return { x, labels };
}

const makers = {
  mlp: (random) => images(random, 128),
  cnn: (random) => images(random, 64),
  lenet: (random) => images(random, 128),
  lstm: (random) => sequences(random, 64, 50, 64),
  transformer: (random) => text(random, 16, 128, 65),
} satisfies Readonly<Record<string, (random: LinearCongruential) => Batch>>;

/** The cases that train. */
export type TrainedCase = keyof typeof makers;

/** The batches of a case, which training goes through again and again. */
export function batches(name: TrainedCase): readonly Batch[] {
  const random = new LinearCongruential(1);
  return Array.from({ length: batchCount }, () => makers[name](random));
}

/** The two matrices [1024, 1024] that are multiplied. */
export function matrices(): readonly [Float32Array, Float32Array] {
  const random = new LinearCongruential(1);
  const matrix = (): Float32Array => Float32Array.from({ length: 1024 * 1024 }, () => random.uniform());
  return [matrix(), matrix()];
}
