/** @file A training on so much data that another thread gathers its batches; run as a program, it trains until it is killed. */
import { fromData } from "../../../ml/graph/index.ts";
import {
  adam,
  dataset,
  fit,
  linear,
  type Dataset,
  type Fitted,
  type FitSettings,
} from "../../../ml/nn/index.ts";
import type { Tensor } from "../../../ml/graph/index.ts";
import { LinearCongruential } from "../../support/linear-congruential.ts";

const [rows, width] = [4500, 1000];
const random = new LinearCongruential(1);
const x = Float32Array.from({ length: rows * width }, () => random.uniform() - 0.5);
const y = Float32Array.from({ length: rows }, (_, row) => x[row * width] ?? 0);

/** The rows of the training. */
export type PrefetchedRows = {
  readonly x: Tensor<readonly [number, 1000], "float32">;
  readonly y: Tensor<readonly [number, 1], "float32">;
};

/** Eighteen megabytes of rows; with a number in place of one, where there is one. */
export function prefetchedRows(changed?: {
  readonly row: number;
  readonly value: number;
}): Dataset<PrefetchedRows> {
  const numbers = changed ? x.slice() : x;
  if (changed) numbers[changed.row * width] = changed.value;
  return dataset({
    x: fromData("float32", numbers, [rows, 1000]),
    y: fromData("float32", y, [rows, 1]),
  });
}

/** What is trained. */
export const prefetchedModel = linear(1000, 1);

/** The parameters of the training. */
export type PrefetchedParameters = ReturnType<typeof prefetchedModel.init>;

/** Trains for some epochs, the last batch of each smaller than the others. */
export async function prefetchedFit(
  epochs: number,
  changes: Partial<FitSettings<PrefetchedParameters, PrefetchedRows>> = {},
): Promise<Fitted<PrefetchedParameters>> {
  return fit({
    parameters: prefetchedModel.init(3),
    loss: (parameters, batch) => prefetchedModel.apply(parameters, batch.x).sub(batch.y).square().mean(),
    data: prefetchedRows(),
    optimizer: adam(),
    learningRate: 1e-3,
    epochs,
    batchSize: 128,
    seed: 5,
    ...changes,
  });
}

const [, program, path] = process.argv;
if (program?.endsWith("prefetched-fit.ts") === true && path !== undefined)
  await prefetchedFit(1e6, { checkpoint: path });
