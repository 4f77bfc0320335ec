/** @file The values that weights begin with. */
import { fromData } from "../../graph/create.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Random } from "../../random.ts";

/** How many inputs and outputs a weight has a part in: what the spread of its first values depends on. */
export interface Fan {
  readonly in: number;
  readonly out: number;
}

/** Makes the first values of a weight. */
export type Initialiser = <const S extends readonly number[]>(
  shape: S,
  fan: Fan,
  random: Random,
) => Tensor<S, "float32">;

/** Values drawn one by one, by a function of the fan. */
function drawing(draw: (fan: Fan, random: Random) => () => number): Initialiser {
  return (shape, fan, random) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const next = draw(fan, random);
    return fromData("float32", Float32Array.from({ length }, next), shape);
  };
}

const uniformWithin = (limit: (fan: Fan) => number): Initialiser =>
  drawing((fan, random) => {
    const bound = limit(fan);
    return () => (2 * random.uniform() - 1) * bound;
  });

const normalWith = (deviation: (fan: Fan) => number): Initialiser =>
  drawing((fan, random) => {
    const spread = deviation(fan);
    return () => random.normal() * spread;
  });

/** Zeros. */
export const zerosInitialiser: Initialiser = drawing(() => () => 0);

/** Ones. */
export const onesInitialiser: Initialiser = drawing(() => () => 1);

/** Uniform within ±√(6 / (in + out)) (Glorot and Bengio, "Understanding the difficulty of training …", 2010). */
export const glorotUniform = uniformWithin((fan) => Math.sqrt(6 / (fan.in + fan.out)));

/** Normal with variance 2 / (in + out) (Glorot and Bengio, 2010). */
export const glorotNormal = normalWith((fan) => Math.sqrt(2 / (fan.in + fan.out)));

/** Uniform within ±√(6 / in): for ReLU (He and others, "Delving Deep into Rectifiers", 2015). */
export const heUniform = uniformWithin((fan) => Math.sqrt(6 / fan.in));

/** Normal with variance 2 / in: for ReLU (He and others, 2015). */
export const heNormal = normalWith((fan) => Math.sqrt(2 / fan.in));

/** Normal with variance 1 / in: for SELU (LeCun and others, "Efficient BackProp", 1998). */
export const lecunNormal = normalWith((fan) => Math.sqrt(1 / fan.in));

/** Uniform within ±1/√in: what PyTorch's linear and convolutional layers begin with. */
export const fanInUniform = uniformWithin((fan) => 1 / Math.sqrt(fan.in));

/** Normal with a deviation. */
export function normalInitialiser(deviation: number): Initialiser {
  return normalWith(() => deviation);
}

/** Uniform within ± a limit. */
export function uniformInitialiser(limit: number): Initialiser {
  return uniformWithin(() => limit);
}
