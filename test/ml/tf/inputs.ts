/** @file Inputs for TensorFlow.js that are the same on every backend. */
import type { Tensor } from "@tensorflow/tfjs";
import { Random } from "../../../ml/random.ts";
import type { TensorFlow } from "../../../ml/tf/index.ts";

/** Numbers drawn evenly from -1 to 1, made from a seed in JavaScript. */
export function numbers(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => random.uniform() * 2 - 1);
}

/** A tensor of {@link numbers}. */
export function floats(tf: TensorFlow, shape: number[], seed = 1): Tensor {
  return tf.tensor(
    numbers(
      shape.reduce((product, size) => product * size, 1),
      seed,
    ),
    shape,
  );
}

/** A tensor of whole numbers from 0 to `end`, without it. */
export function integers(tf: TensorFlow, shape: number[], end: number, seed = 1): Tensor {
  const values = numbers(
    shape.reduce((product, size) => product * size, 1),
    seed,
  );
  return tf.tensor(
    Int32Array.from(values, (value) => Math.min(end - 1, Math.floor(((value + 1) / 2) * end))),
    shape,
    "int32",
  );
}
