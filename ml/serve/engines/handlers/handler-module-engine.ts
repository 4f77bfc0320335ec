/**
 * @file A handler's module in threads of its own, so that nothing it does holds the service: a thread that ends, or that a call holds too
 * long, is replaced. The call that did it fails; the others are asked again of another thread, but for streams that have begun.
 */
import { RuntimeError } from "../../../graph/errors.ts";
import { ServingError, type InferenceTensor } from "../../inference.ts";
import type { ModelInputs } from "../../plan/model-inputs.ts";
import { EngineHangError, hanging, mostTries, type CallLimits, type Engine } from "../engine.ts";
import { ownElements, sharedTime, type HandlerAsk, type HandlerDescription } from "./handler-protocol.ts";
import { HandlerWorker, LostCallError, type HandlerWorkerOptions } from "./handler-worker.ts";
import type { PortAnswer } from "./port-calls.ts";

/** How the threads of a handler's module are started and watched. */
export interface HandlerModuleOptions extends HandlerWorkerOptions {
  /** Threads that calls are divided among. */
  readonly instances: number;
  /** Told of each thread that was replaced because a call held it too long. */
  readonly onHang?: ((error: Error) => void) | undefined;
}

/** A handler in threads. */
export class HandlerModuleEngine implements Engine {
  readonly platform = "tenon_handler";
  readonly bytes = 0;
  readonly stream: Engine["stream"];
  readonly description: HandlerDescription;
  readonly #options: HandlerModuleOptions;
  readonly #workers = new Set<HandlerWorker>();
  #filling: Promise<void> | undefined;
  /** Threads that hang in native code, which can't be interrupted. */
  #stuck = 0;
  #isClosed = false;

  private constructor(options: HandlerModuleOptions, first: HandlerWorker) {
    this.#options = options;
    this.description = first.description;
    if (this.description.hasStream) this.stream = (inputs, limits) => this.#parts(inputs, limits);
    this.#put(first);
  }

  /**
   * Starts the threads.
   * @throws {@link InvalidInputError} where the module can't be loaded or exports no handler
   */
  static async start(options: HandlerModuleOptions): Promise<HandlerModuleEngine> {
    const engine = new HandlerModuleEngine(options, await HandlerWorker.start(options));
    try {
      await engine.#fill();
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  async run(inputs: ModelInputs, limits: CallLimits): Promise<readonly InferenceTensor[]> {
    return (await this.#ask(inputs, limits, false)).value;
  }

  async *#parts(inputs: ModelInputs, limits: CallLimits): AsyncIterable<readonly InferenceTensor[]> {
    try {
      const { value, parts } = await this.#ask(inputs, limits, true);
      yield* parts ?? [value];
    } catch (error) {
      throw error instanceof LostCallError ? lost(error) : error;
    }
  }

  async #ask(
    inputs: ModelInputs,
    { deadline, priority, parameters, signal }: CallLimits,
    isStream: boolean,
  ): Promise<PortAnswer<readonly InferenceTensor[]>> {
    const ask: HandlerAsk = {
      inputs: { ...inputs, tensors: inputs.tensors.map(ownElements) },
      parameters,
      deadline: sharedTime(deadline),
      priority,
      isStream,
    };
    for (let tries = 1; ; tries++) {
      const worker = await this.#take();
      try {
        return await worker.ask(ask, signal);
      } catch (error) {
        if (!(error instanceof LostCallError)) throw error;
        if (signal?.aborted) throw new ServingError("cancelled", "the caller has gone", { cause: error });
        if (performance.now() > deadline)
          throw new ServingError("deadline", "the deadline has passed", {
            isBeforeModel: true,
            cause: error,
          });
        if (!error.wasBegun) tries -= 1;
        else if (tries >= mostTries) throw lost(error);
      }
    }
  }

  /** The thread with the fewest calls. */
  async #take(): Promise<HandlerWorker> {
    for (;;) {
      if (this.#isClosed) throw new RuntimeError("the model was closed");
      const [first, ...others] = this.#workers;
      if (first)
        return others.reduce((least, other) => (other.pending < least.pending ? other : least), first);
      await this.#fill();
    }
  }

  /** Starts the threads that are missing, unless that is under way. */
  async #fill(): Promise<void> {
    this.#filling ??= this.#startMissing().finally(() => (this.#filling = undefined));
    await this.#filling;
  }

  async #startMissing(): Promise<void> {
    const { instances } = this.#options;
    while (this.#workers.size < instances && !this.#isClosed) {
      // Each that is stuck holds a processor: twice as many threads as were asked for are the most.
      if (this.#stuck > instances) throw hanging();
      this.#put(await HandlerWorker.start(this.#options));
    }
  }

  #put(worker: HandlerWorker): void {
    if (this.#isClosed) {
      void worker.close();
      return;
    }
    this.#workers.add(worker);
    worker.onEnd = (ended) => void this.#replace(worker, ended);
  }

  async #replace(worker: HandlerWorker, ended: Error): Promise<void> {
    this.#workers.delete(worker);
    // A module whose threads end by themselves is left alone until somebody asks. What fails here the next call tries again.
    const filling = worker.wasAsked ? this.#fill().catch(() => {}) : undefined;
    if (ended instanceof EngineHangError) {
      this.#options.onHang?.(ended);
      this.#stuck += 1;
      await worker.end();
      this.#stuck -= 1;
    }
    await filling;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(Array.from(this.#workers, async (worker) => await worker.close()));
  }
}

function lost(cause: LostCallError): ServingError {
  return new ServingError("unavailable", "the model was restarted under the call", { retryAfter: 1, cause });
}
