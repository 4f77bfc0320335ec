/** @file A training that notes how far it has come; run as a program, it trains until it is killed. */
import { randn } from "../../../ml/graph/index.ts";
import {
  adamW,
  batchNorm,
  dataset,
  fit,
  linear,
  relu,
  sequential,
  type Epoch,
  type Fitted,
} from "../../../ml/nn/index.ts";

const x = randn([300, 5], { seed: 1 });
const y = x.matmul(randn([5, 1], { seed: 2 })).tanh();
const model = sequential(linear(5, 16), batchNorm(16), relu(), linear(16, 1));

/** The parameters of the training. */
export type CheckpointedParameters = ReturnType<typeof model.init>;

/** Trains for some epochs; with a path, from what is noted there. */
export async function checkpointedFit(
  epochs: number,
  checkpoint?: string,
  { onEpoch, seed = 5 }: { readonly onEpoch?: (epoch: Epoch) => Promise<void>; readonly seed?: number } = {},
): Promise<Fitted<CheckpointedParameters>> {
  return fit({
    parameters: model.init(3),
    loss: (parameters, batch, mode) => model.apply(parameters, batch.x, mode).sub(batch.y).square().mean(),
    data: dataset({ x, y }),
    validation: dataset({ x, y }),
    optimizer: adamW(),
    learningRate: { kind: "cosine", rate: 0.01, steps: 200 },
    epochs,
    batchSize: 64,
    earlyStopping: { patience: 1000 },
    seed,
    ...(checkpoint !== undefined && { checkpoint }),
    ...(onEpoch && { onEpoch }),
  });
}

const [, program, path] = process.argv;
if (program?.endsWith("checkpointed-fit.ts") === true && path !== undefined) await checkpointedFit(1e6, path);
