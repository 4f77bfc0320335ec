/**
 * @file Pipelines of transformers.js in threads of their own. A thread that ends is replaced; what it was computing is computed again, but
 * for a stream, of which parts have gone out.
 */
import { RuntimeError } from "../../../graph/errors.ts";
import { InvalidInputError } from "../../../errors.ts";
import { ServingError, type InferenceTensor, type Parameters } from "../../inference.ts";
import type { ModelInputs } from "../../plan/model-inputs.ts";
import { mostTries, type CallLimits, type Engine } from "../engine.ts";
import { SerialThread } from "../serial-thread.ts";
import { generationParameters } from "./generation-parameters.ts";
import type { PipelineCall, PipelineThreadData } from "./pipeline-protocol.ts";
import { PartQueue } from "./part-queue.ts";

type PipelineWorker = SerialThread<PipelineCall>;

const threadModule = new URL("./pipeline-thread.js", import.meta.url);

/** Ends a generation at its next token: it then gives what it has. */
const stop: PipelineCall = { kind: "stop" };

interface Waiting {
  readonly resolve: (worker: PipelineWorker) => void;
  readonly reject: (error: unknown) => void;
}

/** Pipelines of one model. */
export class PipelineEngine implements Engine {
  readonly platform = "transformers_js";
  readonly bytes: number;
  readonly stream: Engine["stream"];
  readonly #data: PipelineThreadData;
  readonly #idle: PipelineWorker[] = [];
  readonly #workers = new Set<PipelineWorker>();
  readonly #waiting: Waiting[] = [];
  #starting = 0;
  #isClosed = false;

  private constructor(data: PipelineThreadData, bytes: number) {
    this.#data = data;
    this.bytes = bytes;
    if (data.config.task === "text-generation") this.stream = (inputs, limits) => this.#parts(inputs, limits);
  }

  /**
   * Starts the threads.
   * @param bytes about how much memory one of them holds
   * @throws {@link RuntimeError} where the pipeline can't be made of the files
   */
  static async start(data: PipelineThreadData, instances: number, bytes: number): Promise<PipelineEngine> {
    const engine = new PipelineEngine(data, bytes * instances);
    try {
      await Promise.all(Array.from({ length: instances }, async () => await engine.#add()));
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  /** How many numbers a text's vector has; 0 where the task gives none. */
  get width(): number {
    return Math.max(0, ...Array.from(this.#workers, ({ width }) => width));
  }

  async #add(): Promise<void> {
    this.#starting += 1;
    try {
      const worker = await SerialThread.start<PipelineCall>(threadModule, "a pipeline", this.#data);
      if (this.#isClosed) {
        await worker.end();
        return;
      }
      this.#workers.add(worker);
      worker.onEnd = () => this.#replace(worker);
      this.#give(worker);
    } catch (error) {
      // Without a thread nothing that waits would ever have an answer.
      if (this.#workers.size === 0) for (const { reject } of this.#waiting.splice(0)) reject(error);
      throw error;
    } finally {
      this.#starting -= 1;
    }
  }

  #replace(worker: PipelineWorker): void {
    this.#workers.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    // Those that wait are told of its error by then; the next call tries again.
    if (!this.#isClosed) this.#add().catch(() => {});
  }

  async #take({ signal }: CallLimits): Promise<PipelineWorker> {
    if (this.#isClosed) throw new RuntimeError("the model was closed");
    if (signal?.aborted) throw cancelled();
    const idle = this.#idle.pop();
    if (idle) return idle;
    // The last start of a thread may have failed: a call tries again.
    if (this.#workers.size === 0 && this.#starting === 0) await this.#add();
    return await new Promise((resolve, reject) => {
      const waiting = {
        resolve: (worker: PipelineWorker) => {
          signal?.removeEventListener("abort", leave);
          resolve(worker);
        },
        reject,
      };
      const leave = (): void => {
        const at = this.#waiting.indexOf(waiting);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(cancelled());
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiting.push(waiting);
      const free = this.#idle.pop();
      if (free) this.#give(free);
    });
  }

  #give(worker: PipelineWorker): void {
    if (worker.hasEnded) return;
    const next = this.#waiting.shift();
    if (next) next.resolve(worker);
    else this.#idle.push(worker);
  }

  #parameters({ parameters = {} }: CallLimits): Parameters {
    const { config } = this.#data;
    return config.task === "text-generation" ? generationParameters(parameters, config.maxNewTokens) : {};
  }

  async run(inputs: ModelInputs, limits: CallLimits): Promise<readonly InferenceTensor[]> {
    const call = {
      kind: "run" as const,
      texts: inputs.texts,
      parameters: this.#parameters(limits),
      isStream: false,
    };
    for (let tries = 1; ; tries++) {
      const worker = await this.#take(limits);
      const watch = new CallerWatch(limits, worker);
      try {
        watch.check();
        const outputs = await worker.run(call);
        limits.computed?.(worker.computeTime);
        watch.check();
        return outputs;
      } catch (error) {
        if (!worker.hasEnded || tries >= mostTries || this.#isClosed) throw error;
      } finally {
        watch.end();
        this.#give(worker);
      }
    }
  }

  async *#parts(inputs: ModelInputs, limits: CallLimits): AsyncIterable<readonly InferenceTensor[]> {
    if (inputs.rows !== 1)
      throw new InvalidInputError(`a stream is of one text, and the request has ${inputs.rows}`);
    const parameters = this.#parameters(limits);
    const worker = await this.#take(limits);
    const watch = new CallerWatch(limits, worker);
    const parts = new PartQueue();
    const call = { kind: "run" as const, texts: inputs.texts, parameters, isStream: true };
    const running = worker.run(call, (part) => parts.add(part)).finally(() => parts.end());
    try {
      yield* parts;
      await running;
      watch.check();
    } finally {
      watch.end();
      if (!parts.hasEnded) worker.post(stop);
      // The thread is free when it has stopped; an error was thrown above, or is of no more use.
      void running.catch(() => {}).then(() => this.#give(worker));
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new RuntimeError("the model was closed");
    for (const { reject } of this.#waiting.splice(0)) reject(closed);
    await Promise.all(Array.from(this.#workers, async (worker) => await worker.end()));
  }
}

function cancelled(): ServingError {
  return new ServingError("cancelled", "the caller has gone");
}

/** Stops a call whose caller has gone or whose deadline has passed. */
class CallerWatch {
  readonly #limits: CallLimits;
  readonly #stop: () => void;
  readonly #timer: NodeJS.Timeout | undefined;
  /** A timer may come a little before the deadline that it stands for. */
  #isLate = false;

  constructor(limits: CallLimits, worker: PipelineWorker) {
    this.#limits = limits;
    this.#stop = () => worker.post(stop);
    const { signal, deadline } = limits;
    signal?.addEventListener("abort", this.#stop, { once: true });
    const left = deadline - performance.now();
    // Longer ones than a timer can count don't end here.
    if (left < 2 ** 31 - 1)
      this.#timer = setTimeout(
        () => {
          this.#isLate = true;
          this.#stop();
        },
        Math.max(left, 0),
      );
  }

  /** @throws {@link ServingError} where the call was stopped: what it gave is not whole */
  check(): void {
    const { signal, deadline } = this.#limits;
    if (signal?.aborted) throw cancelled();
    if (this.#isLate || deadline < performance.now())
      throw new ServingError("deadline", "the deadline has passed");
  }

  end(): void {
    this.#limits.signal?.removeEventListener("abort", this.#stop);
    clearTimeout(this.#timer);
  }
}
