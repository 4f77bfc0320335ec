/** @file The epochs of a training: chunk after chunk of steps, each in time to show how it goes and to be stopped. */
import { learningRateAt, type LearningRateSchedule } from "../../graph/optimizers/schedules.ts";
import { rejectOnAbort } from "../../graph/runtime/abort.ts";
import type { Batches } from "../../graph/runtime/training-protocol.ts";
import type { Tree } from "../../graph/trees.ts";
import { TrainingDivergedError } from "../errors.ts";
import type { Chunk } from "./chunks.ts";
import type { Epoch, Measures } from "./epoch.ts";
import { FitDisplay } from "./fit-display.ts";
import { Means } from "./means.ts";
import type { LocatedOrigin } from "./probe.ts";
import type { RowBatches } from "./kept-data.ts";
import type { Training } from "./training.ts";

const chunkMilliseconds = 80;

/** What a run of epochs is told. */
export interface RunSettings {
  readonly learningRate: number | LearningRateSchedule;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly signal: AbortSignal | undefined;
}

/** The epochs of one training. */
export class EpochRun<P extends Tree> {
  lastRate = 0;
  readonly #settings: RunSettings;
  readonly #training: Training<P>;
  readonly #display: FitDisplay;
  /** Steps taken. */
  step = 0;
  #chunk = 1;

  constructor(settings: RunSettings, training: Training<P>) {
    this.#settings = settings;
    this.#training = training;
    this.#display = new FitDisplay(settings.epochs, settings.stepsPerEpoch);
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
      means.add(await this.#training.steps(form, batches, undefined, this.step), rows);
    });
    return means.result();
  }

  /** How many batches to run at once: as many as fit in a moment. */
  readonly chunk = (): number => this.#chunk;

  /** Goes on after epochs that were before. */
  resume(step: number, history: readonly Epoch[]): void {
    this.step = step;
    this.lastRate = history.at(-1)?.learningRate ?? 0;
    this.#display.resumed(history);
  }

  /** Shows an epoch that has ended. */
  shown(epoch: Epoch): void {
    this.#display.epoch(epoch);
  }

  /** While the thread runs a chunk, the next one is made. */
  async #each(chunks: AsyncGenerator<Chunk>, run: (chunk: Chunk) => Promise<void>): Promise<void> {
    const { signal } = this.#settings;
    try {
      let next = chunks.next();
      for (;;) {
        signal?.throwIfAborted();
        const { value, done } = await this.#unlessStopped(next);
        if (done === true) return;
        const running = run(value);
        next = chunks.next();
        // Where the run fails nobody waits for the next chunk any more.
        next.catch(() => undefined);
        await running;
      }
    } finally {
      // What the batches come from is let go, though not waited for: it may never answer.
      chunks.return(undefined).catch(() => undefined);
    }
  }

  /** Batches that are slow to come must not keep a training that is stopped. */
  async #unlessStopped<V>(coming: Promise<V>): Promise<V> {
    const { signal } = this.#settings;
    try {
      return await rejectOnAbort(coming, signal ? [signal] : []);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  async #steps({ form, batches, steps, rows }: Chunk, epoch: number, means: Means): Promise<void> {
    const { learningRate } = this.#settings;
    const rates = Float64Array.from({ length: steps }, (_, index) =>
      typeof learningRate === "number" ? learningRate : learningRateAt(learningRate, this.step + index),
    );
    const started = performance.now();
    const report = await this.#training.steps(form, batches, rates, this.step);
    const took = (performance.now() - started) / steps;
    // Short steps go many at a time, so that what they cost in between is nothing beside them.
    this.#chunk = Math.max(1, Math.min(2 * this.#chunk, Math.floor(chunkMilliseconds / took)));
    means.add(report, rows);
    this.#display.steps(report);
    if (report.notFinite !== undefined) {
      const failed = report.losses.length - 1;
      throw await this.#diverged(report.notFinite, report.losses[failed], {
        form,
        batches: oneBatch(batches, failed),
        step: this.step + failed,
        epoch,
        rate: rates[failed] ?? 0,
      });
    }
    this.step += steps;
    this.lastRate = rates.at(-1) ?? 0;
  }

  async #diverged(
    what: "the loss" | { readonly gradientOf: string },
    loss: number | undefined,
    { form, batches, step, epoch, rate }: FailedStep,
  ): Promise<TrainingDivergedError> {
    const inEpoch = (step % this.#settings.stepsPerEpoch) + 1;
    const where = `in step ${inEpoch} of epoch ${epoch}`;
    const failure =
      typeof what === "string"
        ? `the loss became ${loss} ${where}`
        : `the gradient of "${what.gradientOf}" is not finite ${where}`;
    let located: LocatedOrigin | undefined;
    let cause: unknown;
    try {
      located = await this.#training.locate(form, batches, step, what);
    } catch (error) {
      cause = error;
    }
    const began = located ? `, where ${located.text}` : "";
    const advice =
      located?.origin.kind === "data"
        ? "leave such rows out, or fill them"
        : `try a lower learning rate than ${rate}, or clip the gradients`;
    return new TrainingDivergedError(`${failure}${began}: ${advice}`, {
      epoch,
      step: inEpoch,
      origin: located?.origin,
      cause,
    });
  }
}

/** A step that gave something not finite. */
interface FailedStep {
  readonly form: Tree;
  /** Its batch alone. */
  readonly batches: Batches;
  readonly step: number;
  readonly epoch: number;
  readonly rate: number;
}

function oneBatch(batches: Batches | RowBatches, index: number): Batches {
  if ("columns" in batches) return { columns: batches.columns.slice(index, index + 1) };
  const { data, rows, batchSize } = batches;
  return { data, batchSize, rows: rows.slice(index * batchSize, (index + 1) * batchSize) };
}
