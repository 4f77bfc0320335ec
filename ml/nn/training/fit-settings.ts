/** @file What a training is told. */
import type { LearningRateSchedule } from "../../graph/optimizers/schedules.ts";
import type { Optimizer } from "../../graph/optimizers/optimizer.ts";
import type { GradientClipping } from "../../graph/optimizers/optimizer-state.ts";
import type { HalfDType } from "../../graph/transforms/half-precision.ts";
import type { Tree } from "../../graph/trees.ts";
import type { BatchOf, Dataset } from "./dataset.ts";
import type { Epoch } from "./epoch.ts";
import type { Stream } from "./stream.ts";
import type { LossFunction } from "./training-program.ts";

/** When a training ends before its last epoch. */
export interface EarlyStopping {
  /** How many epochs may pass without a better loss of the validation rows, or of training where there are none. */
  readonly patience: number;
  /** By how much a loss must be lower to be better; 0 where absent. */
  readonly minDelta?: number;
}

/** What is fitted, and how. */
export interface FitSettings<P extends Tree, T extends Tree> {
  /** The parameters to begin with; they are not changed. */
  readonly parameters: P;
  /** The mean loss of a batch, alone or as `loss` among scalars to be reported. */
  readonly loss: LossFunction<P, BatchOf<NoInfer<T>>>;
  /** What to learn from: rows that are shuffled anew for each epoch, or a stream of batches. */
  readonly data: Dataset<T> | Stream<T>;
  readonly optimizer: Optimizer;
  /** A number, or how it changes over the steps. */
  readonly learningRate: number | LearningRateSchedule;
  readonly epochs: number;
  /** Rows of a step, where they are not a stream's; 32 where absent. The last batch of an epoch has what remains. */
  readonly batchSize?: number;
  /** Rows that are measured after each epoch. */
  readonly validation?: Dataset<T> | Stream<T>;
  readonly earlyStopping?: EarlyStopping;
  /** Keeps gradients small: by the norm of all together, or by the size of each entry. */
  readonly clipping?: GradientClipping;
  /**
   * Computes products of matrices and convolutions of the loss in half precision, for GPUs; float32 where absent. Parameters,
   * their gradients and what the optimizer keeps stay float32. With `float16` the loss is multiplied by a factor while
   * gradients are computed, and a step in which one overflows is left out: the factor adapts itself. `bfloat16` needs no
   * factor, but a provider that has it.
   */
  readonly precision?: HalfDType;
  /** Which parameters weight decay applies to, by path; all where absent. */
  readonly decays?: (path: string) => boolean;
  /** Fixes the order of rows and what noise there is; 0 where absent. */
  readonly seed?: number;
  /**
   * A file in which the training notes how far it has come after each epoch. Where it is there already, the training goes
   * on from it, to the same result as if it had never stopped.
   */
  readonly checkpoint?: string;
  /** Called after each epoch; what it returns is awaited. */
  readonly onEpoch?: (epoch: Epoch) => void | Promise<void>;
  /** Stops the training, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}
