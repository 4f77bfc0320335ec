/**
 * @file Training over epochs, with all that goes around the steps.
 *
 * Steps run in the runtime's thread, some at a time: the event loop stays free, and a stop takes effect within a tenth of
 * a second. The order of rows is drawn from the seed and the epoch alone, so a training that goes on from a checkpoint
 * takes the batches that it would have taken.
 */
import { createHash } from "node:crypto";
import { InvalidInputError } from "../../errors.ts";
import { observed, stepReporter } from "../../fit-observer.ts";
import type { Tree } from "../../graph/trees.ts";
import { notebookHost } from "../../notebook-host.ts";
import { Random } from "../../random.ts";
import { checkSettings } from "./check-settings.ts";
import { chunksOfRows, chunksOfStream, type Chunk } from "./chunks.ts";
import { readCheckpoint, writeCheckpoint, type Best } from "./checkpoint.ts";
import { Dataset } from "./dataset.ts";
import type { Epoch } from "./epoch.ts";
import type { Stream } from "./stream.ts";
import { EpochRun } from "./epoch-run.ts";
import type { EarlyStopping, FitSettings } from "./fit-settings.ts";
import { Training } from "./training.ts";
import type { LossFunction } from "./training-program.ts";

/** What a training gave. */
export interface Fitted<P extends Tree> {
  /** The parameters after the last epoch, or after the best one where early stopping was asked for. */
  readonly parameters: P;
  readonly history: readonly Epoch[];
}

/**
 * Trains parameters on a dataset. Shows progress and loss curves in a notebook. With the same parameters, data, settings
 * and seed it gives the same result on the same machine, bit for bit.
 *
 * @throws {@link InvalidInputError} for settings that make no sense
 * @throws {@link TrainingDivergedError} when the loss or a gradient is no longer a finite number
 */
export async function fit<P extends Tree, T extends Tree>(settings: FitSettings<P, T>): Promise<Fitted<P>> {
  const { data, validation, optimizer, learningRate, epochs, batchSize, seed, clipping, earlyStopping } =
    settings;
  const parameters = { optimizer, learningRate, epochs, batchSize, seed, clipping, earlyStopping };
  return await observed(
    () => ({ type: "fit", name: "network", parameters, data: { training: data, validation } }),
    async () => await train(settings),
  );
}

async function train<P extends Tree, T extends Tree>(settings: FitSettings<P, T>): Promise<Fitted<P>> {
  const { data, validation, epochs, seed = 0, batchSize = 32, earlyStopping } = settings;
  checkSettings(settings);
  const signal = settings.signal ?? notebookHost()?.signal;
  // SAFETY: the batches that a dataset stands for have the form that the loss is written for.
  const loss = settings.loss as unknown as LossFunction<P, Tree>;
  const form = data instanceof Dataset ? data.batch(Math.min(batchSize, data.rows)) : await firstForm(data);
  await using training = await Training.create({ ...settings, loss }, form);
  const kept = await keep(training, data, batchSize);
  const keptValidation = validation && (await keep(training, validation, batchSize));
  const stepsPerEpoch = data instanceof Dataset ? Math.ceil(data.rows / batchSize) : data.batches;
  const run = new EpochRun({ learningRate: settings.learningRate, epochs, stepsPerEpoch, signal }, training);
  const { checkpoint } = settings;
  const fingerprint = checkpoint === undefined ? "" : fingerprintOf(settings, training, stepsPerEpoch);
  const before = checkpoint === undefined ? undefined : await readCheckpoint(checkpoint, fingerprint);
  const history = [...(before?.history ?? [])];
  const report = stepReporter();
  if (report) for (const epoch of history) report(measuresOf(epoch), epoch.epoch);
  let best = before?.best;
  if (before) {
    await training.restore(before.snapshot);
    run.resume(before.steps, history);
  }
  while (history.length < epochs && !isOver(best, history.length, earlyStopping)) {
    const epoch = history.length + 1;
    const started = performance.now();
    const order = (rows: number): Uint32Array => shuffled(rows, seed, epoch);
    const trained = await run.epoch(
      chunksOf(training, kept, { batchSize, epoch, order, steps: run.chunk }),
      epoch,
    );
    const measured =
      keptValidation &&
      (await run.measure(
        chunksOf(training, keptValidation, { batchSize, epoch, order: inOrder, steps: run.chunk }),
      ));
    const result: Epoch = {
      epoch,
      ...trained,
      validation: measured,
      learningRate: run.lastRate,
      seconds: (performance.now() - started) / 1000,
    };
    history.push(result);
    report?.(measuresOf(result), epoch);
    run.shown(result);
    await settings.onEpoch?.(result);
    const value = (measured ?? trained).loss;
    const isBest =
      earlyStopping &&
      (!best || Number.isNaN(best.loss) || value < best.loss - (earlyStopping.minDelta ?? 0));
    if (!isBest && checkpoint === undefined) continue;
    const snapshot = await training.snapshot();
    if (isBest === true) best = { loss: value, epoch, snapshot };
    if (checkpoint !== undefined)
      await writeCheckpoint(checkpoint, { steps: run.step, history, snapshot, best }, fingerprint);
  }
  return { parameters: training.parameters(best?.snapshot ?? (await training.snapshot())), history };
}

/** What is reported of an epoch, under Keras's names. */
function measuresOf({ loss, metrics, validation, learningRate }: Epoch): Readonly<Record<string, number>> {
  const measured = validation ? { ...validation.metrics, loss: validation.loss } : {};
  return {
    ...metrics,
    loss,
    ...Object.fromEntries(Object.entries(measured).map(([name, value]) => [`val_${name}`, value])),
    learning_rate: learningRate,
  };
}

/** Whether as many epochs as may have passed without a better one. */
function isOver(best: Best | undefined, epoch: number, earlyStopping: EarlyStopping | undefined): boolean {
  return best !== undefined && earlyStopping !== undefined && epoch - best.epoch >= earlyStopping.patience;
}

/** Of all that must be the same when a training goes on; the number of epochs may be another. */
function fingerprintOf<P extends Tree, T extends Tree>(
  { data, optimizer, learningRate, clipping, seed, batchSize, earlyStopping }: FitSettings<P, T>,
  training: Training<P>,
  stepsPerEpoch: number,
): string {
  const stream = data instanceof Dataset ? undefined : data.known?.identity;
  const settings = {
    optimizer,
    learningRate,
    clipping,
    seed,
    batchSize,
    earlyStopping,
    stepsPerEpoch,
    stream,
  };
  return createHash("sha256").update(JSON.stringify(settings)).update(training.model).digest("hex");
}

/** Examples, and where the runtime's thread keeps them. */
type Kept = { readonly dataset: Dataset<Tree>; readonly number: number } | { readonly stream: Stream<Tree> };

async function keep<P extends Tree>(
  training: Training<P>,
  data: Dataset<Tree> | Stream<Tree>,
  batchSize: number,
): Promise<Kept> {
  return data instanceof Dataset
    ? { dataset: data, number: await training.keep(data, batchSize) }
    : { stream: data };
}

interface EpochBatches {
  readonly batchSize: number;
  readonly epoch: number;
  readonly order: (rows: number) => Uint32Array;
  readonly steps: () => number;
}

function chunksOf<P extends Tree>(
  training: Training<P>,
  kept: Kept,
  { batchSize, epoch, order, steps }: EpochBatches,
): AsyncGenerator<Chunk> {
  if ("stream" in kept) return chunksOfStream(kept.stream, epoch, steps);
  const { dataset, number } = kept;
  const size = Math.min(batchSize, dataset.rows);
  return chunksOfRows(dataset, number, order(dataset.rows), size, steps, (batches) =>
    training.announce(batches),
  );
}

/** What a stream's batches look like: its first one is made for it, where that isn't known. */
async function firstForm(data: Stream<Tree>): Promise<Tree> {
  if (data.known) return data.known.form;
  for await (const { form } of data.epoch(1)) return form;
  throw new InvalidInputError("the stream has no batches");
}

function inOrder(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}

function shuffled(rows: number, seed: number, epoch: number): Uint32Array {
  const order = inOrder(rows);
  // Spread far apart: seeds of neighbouring numbers must not give the orders of neighbouring epochs.
  new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch, 0x85ebca6b)).shuffle(order);
  return order;
}
