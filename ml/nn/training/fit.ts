/**
 * @file Training over epochs, with all that goes around the steps.
 *
 * Steps run in the runtime's thread, some at a time: the event loop stays free, and a stop takes effect within a tenth of
 * a second. The order of rows is drawn from the seed and the epoch alone, so a training that goes on from a checkpoint
 * takes the batches that it would have taken.
 */
import { InvalidInputError } from "../../errors.ts";
import { learningRateAt, type LearningRateSchedule } from "../../graph/optimizers/schedules.ts";
import type { Optimizer } from "../../graph/optimizers/optimizer.ts";
import type { GradientClipping } from "../../graph/optimizers/optimizer-state.ts";
import type { Snapshot } from "../../graph/runtime/training-protocol.ts";
import type { Tree } from "../../graph/trees.ts";
import { notebookHost } from "../../notebook-host.ts";
import { Random } from "../../random.ts";
import { TrainingDivergedError } from "../errors.ts";
import { FitDisplay } from "../fit-display.ts";
import { chunksOfRows, chunksOfStream, type Chunk } from "./chunks.ts";
import { Dataset, type BatchOf } from "./dataset.ts";
import type { Stream } from "./stream.ts";
import { Training, type StepsResult } from "./training.ts";
import type { LossFunction } from "./training-program.ts";

/** When a training ends before its last epoch. */
export interface EarlyStopping {
  /** How many epochs may pass without a better loss of the validation rows, or of training where there are none. */
  readonly patience: number;
  /** By how much a loss must be lower to be better; 0 where absent. */
  readonly minDelta?: number;
}

/** Means over the rows of one epoch. */
export interface Measures {
  readonly loss: number;
  /** The other scalars that the loss function gave. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** One epoch of a training. */
export interface Epoch extends Measures {
  /** Counted from 1. */
  readonly epoch: number;
  readonly validation: Measures | undefined;
  /** The learning rate of its last step. */
  readonly learningRate: number;
  readonly seconds: number;
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
  /** Which parameters weight decay applies to, by path; all where absent. */
  readonly decays?: (path: string) => boolean;
  /** Fixes the order of rows and what noise there is; 0 where absent. */
  readonly seed?: number;
  /** Called after each epoch; what it returns is awaited. */
  readonly onEpoch?: (epoch: Epoch) => void | Promise<void>;
  /** Stops the training, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/** What a training gave. */
export interface Fitted<P extends Tree> {
  /** The parameters after the last epoch, or after the best one where early stopping was asked for. */
  readonly parameters: P;
  readonly history: readonly Epoch[];
}

const chunkMilliseconds = 80;

/**
 * Trains parameters on a dataset. Shows progress and loss curves in a notebook. With the same parameters, data, settings
 * and seed it gives the same result on the same machine, bit for bit.
 *
 * @throws {@link InvalidInputError} for settings that make no sense
 * @throws {@link TrainingDivergedError} when the loss or a gradient is no longer a finite number
 */
export async function fit<P extends Tree, T extends Tree>(settings: FitSettings<P, T>): Promise<Fitted<P>> {
  const { data, validation, epochs, seed = 0, batchSize = 32, earlyStopping } = settings;
  requireWhole("epochs", epochs);
  requireWhole("batchSize", batchSize);
  if (earlyStopping) requireWhole("earlyStopping.patience", earlyStopping.patience);
  const signal = settings.signal ?? notebookHost()?.signal;
  // SAFETY: the batches that a dataset stands for have the form that the loss is written for.
  const loss = settings.loss as unknown as LossFunction<P, Tree>;
  const form = data instanceof Dataset ? data.batch(Math.min(batchSize, data.rows)) : await firstForm(data);
  await using training = await Training.create({ ...settings, loss }, form);
  const kept = await keep(training, data);
  const keptValidation = validation && (await keep(training, validation));
  const stepsPerEpoch = data instanceof Dataset ? Math.ceil(data.rows / batchSize) : data.batches;
  const run = new Run(settings, training, stepsPerEpoch, signal);
  const history: Epoch[] = [];
  let best: { readonly loss: number; readonly epoch: number; readonly snapshot: Snapshot } | undefined;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const started = performance.now();
    const order = (rows: number): Uint32Array => shuffled(rows, seed, epoch);
    const trained = await run.epoch(chunksOf(kept, batchSize, epoch, order, run.chunk), epoch);
    const measured =
      keptValidation && (await run.measure(chunksOf(keptValidation, batchSize, epoch, inOrder, run.chunk)));
    const result: Epoch = {
      epoch,
      ...trained,
      validation: measured,
      learningRate: run.lastRate,
      seconds: (performance.now() - started) / 1000,
    };
    history.push(result);
    run.shown(result);
    await settings.onEpoch?.(result);
    if (!earlyStopping) continue;
    const value = (measured ?? trained).loss;
    if (!best || value < best.loss - (earlyStopping.minDelta ?? 0))
      best = { loss: value, epoch, snapshot: await training.snapshot() };
    else if (epoch - best.epoch >= earlyStopping.patience) break;
  }
  return { parameters: training.parameters(best?.snapshot ?? (await training.snapshot())), history };
}

/** Examples, and where the runtime's thread keeps them. */
type Kept = { readonly dataset: Dataset<Tree>; readonly number: number } | { readonly stream: Stream<Tree> };

async function keep<P extends Tree>(
  training: Training<P>,
  data: Dataset<Tree> | Stream<Tree>,
): Promise<Kept> {
  return data instanceof Dataset ? { dataset: data, number: await training.keep(data) } : { stream: data };
}

function chunksOf(
  kept: Kept,
  batchSize: number,
  epoch: number,
  order: (rows: number) => Uint32Array,
  steps: () => number,
): AsyncGenerator<Chunk> {
  if ("stream" in kept) return chunksOfStream(kept.stream, epoch, steps);
  const { dataset, number } = kept;
  const size = Math.min(batchSize, dataset.rows);
  return chunksOfRows(dataset, number, order(dataset.rows), size, steps);
}

/** What a stream's batches look like: its first one is made for it. */
async function firstForm(data: Stream<Tree>): Promise<Tree> {
  for await (const { form } of data.epoch(1)) return form;
  throw new InvalidInputError("the stream has no batches");
}

function inOrder(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}

/** The steps of one call of {@link fit}. */
class Run<P extends Tree, T extends Tree> {
  lastRate = 0;
  readonly #settings: FitSettings<P, T>;
  readonly #training: Training<P>;
  readonly #signal: AbortSignal | undefined;
  readonly #display: FitDisplay;
  readonly #stepsPerEpoch: number;
  #step = 0;
  #chunk = 1;

  constructor(
    settings: FitSettings<P, T>,
    training: Training<P>,
    stepsPerEpoch: number,
    signal: AbortSignal | undefined,
  ) {
    this.#settings = settings;
    this.#training = training;
    this.#signal = signal;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.#display = new FitDisplay(settings.epochs, this.#stepsPerEpoch);
  }

  /** Takes a step for each batch; gives their means. */
  async epoch(chunks: AsyncGenerator<Chunk>, epoch: number): Promise<Measures> {
    const means = new Means();
    await this.#each(chunks, (chunk) => this.#steps(chunk, epoch, means));
    return means.result();
  }

  /** The means over batches under the parameters as they are. */
  async measure(chunks: AsyncGenerator<Chunk>): Promise<Measures> {
    const means = new Means();
    await this.#each(chunks, async ({ form, batches, rows }) => {
      means.add(await this.#training.steps(form, batches, undefined, this.#step), rows);
    });
    return means.result();
  }

  /** How many batches to run at once: as many as fit in a moment. */
  readonly chunk = (): number => this.#chunk;

  /** Shows an epoch that has ended. */
  shown(result: Epoch): void {
    const { epoch, loss, validation, seconds } = result;
    this.#display.epoch({ epoch, loss, validationLoss: validation?.loss, seconds });
  }

  /** While the thread runs a chunk, the next one is made. */
  async #each(chunks: AsyncGenerator<Chunk>, run: (chunk: Chunk) => Promise<void>): Promise<void> {
    let next = chunks.next();
    for (;;) {
      this.#signal?.throwIfAborted();
      const { value, done } = await next;
      if (done === true) return;
      const running = run(value);
      next = chunks.next();
      // Where the run fails nobody waits for the next chunk any more.
      next.catch(() => undefined);
      await running;
    }
  }

  async #steps({ form, batches, steps, rows }: Chunk, epoch: number, means: Means): Promise<void> {
    const { learningRate } = this.#settings;
    const rates = Float64Array.from({ length: steps }, (_, index) =>
      typeof learningRate === "number" ? learningRate : learningRateAt(learningRate, this.#step + index),
    );
    const started = performance.now();
    const report = await this.#training.steps(form, batches, rates, this.#step);
    const took = (performance.now() - started) / steps;
    // Short steps go many at a time, so that what they cost in between is nothing beside them.
    this.#chunk = Math.max(1, Math.min(2 * this.#chunk, Math.floor(chunkMilliseconds / took)));
    means.add(report, rows);
    for (const loss of report.losses) this.#display.step(loss);
    if (report.notFinite !== undefined) this.#diverged(report.notFinite, report.losses, epoch, rates[0] ?? 0);
    this.#step += steps;
    this.lastRate = rates.at(-1) ?? 0;
  }

  #diverged(
    what: "the loss" | { readonly gradientOf: string },
    losses: Float64Array,
    epoch: number,
    rate: number,
  ): never {
    const step = ((this.#step + losses.length - 1) % this.#stepsPerEpoch) + 1;
    const which =
      typeof what === "string"
        ? `the loss became ${losses.at(-1)}`
        : `the gradient of "${what.gradientOf}" is not finite`;
    throw new TrainingDivergedError(
      `${which} in step ${step} of epoch ${epoch}: try a lower learning rate than ${rate}, or clip the gradients`,
    );
  }
}

/** Means over rows of what batches of different sizes gave. */
class Means {
  #rows = 0;
  #loss = 0;
  readonly #metrics = new Map<string, number>();

  add({ losses, metrics, metricNames }: StepsResult, batchSize: number): void {
    for (const loss of losses) this.#loss += loss * batchSize;
    for (const [index, name] of metricNames.entries()) {
      let sum = this.#metrics.get(name) ?? 0;
      for (const value of metrics[index] ?? []) sum += value * batchSize;
      this.#metrics.set(name, sum);
    }
    this.#rows += losses.length * batchSize;
  }

  result(): Measures {
    return {
      loss: this.#loss / this.#rows,
      metrics: Object.fromEntries([...this.#metrics].map(([name, sum]) => [name, sum / this.#rows])),
    };
  }
}

function shuffled(rows: number, seed: number, epoch: number): Uint32Array {
  const order = inOrder(rows);
  // Spread far apart: seeds of neighbouring numbers must not give the orders of neighbouring epochs.
  new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch, 0x85ebca6b)).shuffle(order);
  return order;
}

function requireWhole(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidInputError(`${what} must be a whole number from 1, not ${value}`);
}
