/**
 * @file An engine that computes the rows of requests together which come while it is busy, or in one turn of the event loop.
 *
 * A batch begins when the loop has seen to all sockets that have something (`setImmediate`), or after a delay where one is
 * wanted, or when its rows are as many as may be. How many may be is learnt: as many as take no longer than a bound. Requests of a
 * higher priority go first; one whose deadline has passed, or whose caller has gone, is not computed.
 */
import { modelTooLate, type CallLimits, type Engine, type ExecutionCounts } from "../engines/engine.ts";
import { ServingError, type InferenceTensor } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import { fitTogether, joinInputs, rowsOfOutputs } from "./join-inputs.ts";

/** How requests are computed together. */
export interface BatchingOptions {
  /** The most rows of a batch; 1024 where absent. */
  readonly maxBatchSize?: number;
  /** How many milliseconds the first request of a batch waits for others; 0, only for the turn of the loop, where absent. */
  readonly maxQueueDelay?: number;
  /** How many milliseconds a batch should take at most, when there are so many rows; 20 where absent. */
  readonly targetTime?: number;
}

/** Milliseconds after which it is asked whether a caller has gone: to ask costs more than many a model. */
const longWait = 5;

interface Waiting {
  readonly since: number;
  readonly inputs: ModelInputs;
  readonly limits: CallLimits;
  readonly resolve: (outputs: readonly InferenceTensor[]) => void;
  readonly reject: (error: unknown) => void;
}

/** How much a new measurement counts. */
const share = 0.1;

/** An engine behind a queue. */
export class BatchingEngine implements Engine {
  readonly counts: ExecutionCounts = { executions: 0, rows: 0, queued: 0, computed: 0 };
  readonly #engine: Engine;
  readonly #most: number;
  readonly #delay: number;
  readonly #targetTime: number;
  /** How many batches may be computed at one time. */
  readonly #lanes: number;
  #queue: Waiting[] = [];
  #running = 0;
  #isScheduled = false;
  /** Milliseconds that a row takes, by and large. */
  #timeOfRow = 0;

  /** @param lanes how many batches the engine computes at one time */
  constructor(engine: Engine, options: BatchingOptions = {}, lanes = 1) {
    this.#engine = engine;
    this.#most = options.maxBatchSize ?? 1024;
    this.#delay = options.maxQueueDelay ?? 0;
    this.#targetTime = options.targetTime ?? 20;
    this.#lanes = lanes;
  }

  get platform(): string {
    return this.#engine.platform;
  }

  get isHealthy(): boolean {
    return this.#engine.isHealthy ?? true;
  }

  get bytes(): number {
    return this.#engine.bytes;
  }

  run(inputs: ModelInputs, limits: CallLimits): Promise<readonly InferenceTensor[]> {
    return new Promise((resolve, reject) => {
      const queue = this.#queue;
      let at = queue.length;
      while (at > 0 && (queue[at - 1]?.limits.priority ?? 0) < limits.priority) at -= 1;
      const waiting: Waiting = { since: performance.now(), inputs, limits, resolve, reject };
      if (at === queue.length) queue.push(waiting);
      else queue.splice(at, 0, waiting);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#running === this.#lanes || this.#queue.length === 0) return;
    this.#isScheduled = true;
    const begin = (): void => {
      this.#isScheduled = false;
      this.#begin();
    };
    if (this.#delay > 0 && this.#rowsWaiting() < this.#rowLimit()) setTimeout(begin, this.#delay);
    else setImmediate(begin);
  }

  #rowsWaiting(): number {
    return this.#queue.reduce((sum, { inputs }) => sum + inputs.rows, 0);
  }

  /** How many rows a batch may have now. */
  #rowLimit(): number {
    if (this.#timeOfRow === 0) return this.#most;
    return Math.max(1, Math.min(this.#most, Math.floor(this.#targetTime / this.#timeOfRow)));
  }

  #begin(): void {
    while (this.#running < this.#lanes && this.#queue.length > 0) {
      const batch = this.#takeBatch();
      if (batch.length === 0) return;
      this.#running += 1;
      void this.#compute(batch);
    }
  }

  /** The next requests that go together. */
  #takeBatch(): readonly Waiting[] {
    const now = performance.now();
    const limit = this.#rowLimit();
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    let rows = 0;
    for (const waiting of this.#queue) {
      const { since, inputs, limits, reject } = waiting;
      if (limits.deadline < now)
        reject(new ServingError("deadline", "the deadline has passed in the queue", { isBeforeModel: true }));
      else if (now - since > longWait && limits.signal?.aborted)
        reject(new ServingError("cancelled", "the caller has gone"));
      else if (
        batch.length === 0 ||
        (rest.length === 0 && rows + inputs.rows <= limit && fitTogether(inputs, batch[0]?.inputs ?? inputs))
      ) {
        batch.push(waiting);
        rows += inputs.rows;
      } else rest.push(waiting);
    }
    this.#queue = rest;
    return batch;
  }

  async #compute(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    const start = performance.now();
    try {
      const joined = joinInputs(batch.map(({ inputs }) => inputs));
      let own: number | undefined;
      const limits =
        first && batch.length === 1
          ? first.limits
          : { ...noLimits, computed: (milliseconds: number) => (own ??= milliseconds) };
      const outputs = await this.#engine.run(joined, limits);
      const computed = performance.now() - start;
      this.counts.executions += 1;
      this.counts.rows += joined.rows;
      this.counts.computed += computed;
      for (const { since } of batch) this.counts.queued += start - since;
      const time = computed / joined.rows;
      this.#timeOfRow = this.#timeOfRow === 0 ? time : this.#timeOfRow + share * (time - this.#timeOfRow);
      let row = 0;
      for (const waiting of batch) {
        const { inputs, limits, resolve, reject } = waiting;
        limits.computed?.(own ?? computed);
        // A batch that takes no longer than one should was made long by who came together, not by the model.
        const isModelSlow = batch.length === 1 || computed > this.#targetTime;
        if (isModelSlow && tookTooLong(waiting, computed)) reject(modelTooLate());
        else resolve(batch.length === 1 ? outputs : rowsOfOutputs(outputs, row, inputs.rows));
        row += inputs.rows;
      }
    } catch (error) {
      // One request's values may have failed all of them: each is tried alone, unless all would hang a thread each.
      if (error instanceof ServingError) for (const { reject } of batch) reject(error);
      else if (batch.length > 1) for (const waiting of batch) await this.#computeAlone(waiting);
      else first?.reject(error);
    } finally {
      this.#running -= 1;
      this.#schedule();
    }
  }

  async #computeAlone(waiting: Waiting): Promise<void> {
    const { inputs, limits, resolve, reject } = waiting;
    const start = performance.now();
    try {
      const outputs = await this.#engine.run(inputs, limits);
      const computed = performance.now() - start;
      limits.computed?.(computed);
      if (tookTooLong(waiting, computed)) reject(modelTooLate());
      else resolve(outputs);
    } catch (error) {
      reject(error);
    }
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }
}

/** Whether computing alone took longer than the caller had: what waited too long before it is no fault of the model. */
function tookTooLong({ since, limits }: Waiting, computed: number): boolean {
  return computed > limits.deadline - since;
}

const noLimits: CallLimits = { deadline: Number.POSITIVE_INFINITY, priority: 0, signal: undefined };
