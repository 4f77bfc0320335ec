/**
 * @file What a run of a program draws: random tensors as functions of (seed, step, stream), the same on every machine and
 * in whatever order they are drawn.
 *
 * The seed is Philox's key. The words of its counter are the block, the stream and the step. An element depends on its
 * position in row-major order, not on the size of the tensor.
 */
import { fillPhilox, type PhiloxStream } from "../philox.ts";
import { GraphError } from "./errors.ts";

/** What the elements of a random tensor are drawn from. */
export type Distribution =
  /** Uniform over [0, 1), in steps of 2⁻²⁴. */
  | { readonly kind: "uniform" }
  /** Normal with mean 0 and deviation 1. */
  | { readonly kind: "normal" }
  /** `value` with a probability in steps of 2⁻¹⁶, else 0. */
  | { readonly kind: "bernoulli"; readonly probability: number; readonly value: number };

/** What a run draws random tensors by: two runs with the same draw the same. Whole numbers from 0. */
export interface RandomState {
  readonly seed: number;
  readonly step: number;
}

/** A random tensor of one run. */
export interface RandomDraw extends RandomState {
  readonly distribution: Distribution;
  /** The number of the random source in its program. */
  readonly stream: number;
}

/** Words that are drawn at once: a multiple of a block's, few enough for the processor's cache. */
const chunk = 4096;
const words = new Uint32Array(chunk);

/**
 * Fills an array with a draw.
 * @throws {@link GraphError} when seed, step or stream is no whole number from 0 (of a stream: below 2³²)
 */
export function fillRandom(draw: RandomDraw, data: Float32Array): void {
  const stream = streamOf(draw);
  const { fill, perWord } = fillOf(draw.distribution);
  const step = chunk * perWord;
  for (let start = 0; start < data.length; start += step) {
    const part = data.subarray(start, start + step);
    const needed = Math.ceil(part.length / perWord);
    fillPhilox(words.subarray(0, Math.ceil(needed / 4) * 4), stream, start / perWord / 4);
    fill(part);
  }
}

function streamOf({ seed, step, stream }: RandomDraw): PhiloxStream {
  for (const [name, number] of Object.entries({ seed, step, stream })) {
    if (!Number.isSafeInteger(number) || number < 0)
      throw new GraphError(`random: the ${name} must be a whole number from 0, not ${number}`);
  }
  if (stream >= 2 ** 32) throw new GraphError(`random: there is no stream ${stream}`);
  return {
    key: [seed >>> 0, Math.floor(seed / 2 ** 32)],
    counter: [stream, step >>> 0, Math.floor(step / 2 ** 32)],
  };
}

interface Fill {
  /** Elements that are made of one word. */
  readonly perWord: number;
  /** Makes elements of the words from the first on. */
  readonly fill: (data: Float32Array) => void;
}

function fillOf(distribution: Distribution): Fill {
  switch (distribution.kind) {
    case "uniform":
      return { perWord: 1, fill: fillUniform };
    case "normal":
      return { perWord: 1, fill: fillNormal };
    case "bernoulli": {
      const limit = Math.round(distribution.probability * 2 ** 16);
      return { perWord: 2, fill: (data) => fillBernoulli(data, limit, distribution.value) };
    }
    default:
      return distribution satisfies never;
  }
}

function fillUniform(data: Float32Array): void {
  for (let index = 0; index < data.length; index++) data[index] = ((words[index] ?? 0) >>> 8) / 2 ** 24;
}

/** Two normals of two uniforms (Box and Muller, 1958). */
function fillNormal(data: Float32Array): void {
  for (let index = 0; index < data.length; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(((words[index] ?? 0) + 1) / 2 ** 32));
    const angle = (2 * Math.PI * (words[index + 1] ?? 0)) / 2 ** 32;
    data[index] = radius * Math.cos(angle);
    if (index + 1 < data.length) data[index + 1] = radius * Math.sin(angle);
  }
}

function fillBernoulli(data: Float32Array, limit: number, value: number): void {
  for (let index = 0; index < data.length; index += 2) {
    const word = words[index >> 1] ?? 0;
    data[index] = (word & 0xffff) < limit ? value : 0;
    if (index + 1 < data.length) data[index + 1] = word >>> 16 < limit ? value : 0;
  }
}
