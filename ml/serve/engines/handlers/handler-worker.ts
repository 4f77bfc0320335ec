/** @file The thread of a handler's module, seen from the service, and whether it still turns. */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { InvalidInputError } from "../../../errors.ts";
import { RuntimeError } from "../../../graph/errors.ts";
import type { InferenceResponse, InferenceService, InferenceTensor } from "../../inference.ts";
import { EngineHangError } from "../engine.ts";
import { ModelThread } from "../model-thread.ts";
import {
  ownTensors,
  ownTime,
  places,
  type FromHandlerThread,
  type HandlerAsk,
  type HandlerDescription,
  type HandlerThreadData,
  type ModelsAsk,
  type ToHandlerThread,
} from "./handler-protocol.ts";
import { PortCalls, type PortAnswer } from "./port-calls.ts";

type Outputs = readonly InferenceTensor[];

const threadModule = new URL("./handler-thread.js", import.meta.url);

/** How long a handler's `close` may take, in milliseconds. */
const closeTimeout = 5000;
/** How long a module may take to be loaded at least, in milliseconds, where calls are bounded at all. */
const startTimeout = 60_000;

/** How a handler's thread is started and watched. */
export interface HandlerWorkerOptions {
  readonly module: URL;
  /** The other models, which the handler may ask. */
  readonly models: InferenceService["infer"];
  /** How many milliseconds a call may hold the thread; no limit where absent. */
  readonly holdLimit: number | undefined;
}

/** A call that was lost with its thread through no fault that is known of its own. */
export class LostCallError extends Error {
  /** Whether the handler had begun it. */
  readonly wasBegun: boolean;

  constructor(wasBegun: boolean, cause: Error) {
    super("the call was lost with its thread", { cause });
    this.wasBegun = wasBegun;
  }
}

/** One thread. */
export class HandlerWorker {
  /** Told that it has ended by itself or was ended because it hung; when its calls have been told. */
  onEnd: (error: Error) => void = () => {};
  readonly #thread: ModelThread<ToHandlerThread, FromHandlerThread>;
  readonly #calls: PortCalls<HandlerAsk, Outputs, ModelsAsk, InferenceResponse>;
  readonly #state = new Int32Array(new SharedArrayBuffer(Object.keys(places).length * 4));
  readonly #watch: NodeJS.Timeout | undefined;
  readonly #models: InferenceService["infer"];
  #description: HandlerDescription | undefined;
  #said: (message: FromHandlerThread) => void = () => {};

  private constructor({ module, models, holdLimit }: HandlerWorkerOptions) {
    this.#models = models;
    const data: HandlerThreadData = { module: module.href, state: this.#state };
    this.#thread = new ModelThread(threadModule, "a handler", data);
    this.#calls = new PortCalls({
      post: (message) => this.#thread.post(message),
      answer: async (ask, signal) => await this.#askModels(ask, signal),
    });
    this.#thread.onMessage = (message) => {
      if (message.kind === "ready" || message.kind === "refused" || message.kind === "closed")
        this.#said(message);
      else this.#calls.hear(message);
    };
    this.#thread.onEnd = (error) => this.#ended(error);
    if (holdLimit !== undefined) this.#watch = this.#watchFor(holdLimit);
  }

  /**
   * Starts a thread and loads the module in it.
   * @throws {@link InvalidInputError} where the module can't be loaded or exports no handler
   */
  static async start(options: HandlerWorkerOptions): Promise<HandlerWorker> {
    const worker = new HandlerWorker(options);
    try {
      const message = await worker.#firstWord(options.holdLimit);
      worker.#thread.keepAlive(false);
      if (message.kind !== "ready")
        throw new Error(message.kind === "refused" ? message.message : "its thread did not begin");
      worker.#description = message.description;
      return worker;
    } catch (cause) {
      await worker.end();
      const reason = cause instanceof Error ? cause.message : String(cause);
      const { protocol, href } = options.module;
      const file = protocol === "file:" ? fileURLToPath(options.module) : href;
      throw new InvalidInputError(`${file}: ${reason}`, { cause });
    } finally {
      worker.onEnd = () => {};
    }
  }

  async #firstWord(limit: number | undefined): Promise<FromHandlerThread> {
    let late: NodeJS.Timeout | undefined;
    try {
      return await new Promise<FromHandlerThread>((resolve, reject) => {
        this.#said = resolve;
        this.onEnd = reject;
        if (limit === undefined) return;
        const milliseconds = Math.max(limit, startTimeout);
        late = setTimeout(() => reject(new EngineHangError(milliseconds)), milliseconds);
      });
    } finally {
      clearTimeout(late);
    }
  }

  get description(): HandlerDescription {
    if (this.#description) return this.#description;
    throw new RuntimeError("the handler's thread has not started");
  }

  /** Whether it has taken up a call. */
  get wasAsked(): boolean {
    return Atomics.load(this.#state, places.taken) > 0;
  }

  /** Calls that it has. */
  get pending(): number {
    return this.#calls.pending;
  }

  /**
   * Asks the handler.
   * @throws what it threw, {@link EngineHangError} for a call that held the thread too long, {@link LostCallError} for the others that
   * were lost with it
   */
  async ask(ask: HandlerAsk, signal: AbortSignal | undefined): Promise<PortAnswer<Outputs>> {
    return await this.#calls.ask(ask, signal);
  }

  async #askModels(
    { request, context }: ModelsAsk,
    signal: AbortSignal,
  ): Promise<PortAnswer<InferenceResponse>> {
    const { parts, ...response } = await this.#models(request, {
      ...context,
      deadline: ownTime(context.deadline),
      signal,
    });
    return { value: { ...response, outputs: ownTensors(response.outputs) }, parts: parts && ownParts(parts) };
  }

  /**
   * Looks, while calls are there, whether the thread takes up messages. Only looks that found it standing count, so that a pause of the
   * service's own isn't taken for one of the thread.
   */
  #watchFor(holdLimit: number): NodeJS.Timeout {
    const interval = Math.min(1000, Math.max(10, holdLimit / 8));
    const mostStanding = Math.ceil(holdLimit / interval);
    let turns = -1;
    let standing = 0;
    return setInterval(() => {
      const now = Atomics.load(this.#state, places.turns);
      standing = now === turns && this.pending > 0 ? standing + 1 : 0;
      turns = now;
      if (standing >= mostStanding) this.#ended(new EngineHangError(holdLimit));
      else if (this.pending > 0) this.#thread.post({ kind: "ping" });
    }, interval).unref();
  }

  #ended(error: Error): void {
    clearInterval(this.#watch);
    const current = Atomics.load(this.#state, places.current);
    const taken = Atomics.load(this.#state, places.taken);
    const isHang = error instanceof EngineHangError;
    this.#calls.end((id) => {
      if (id > taken) return new LostCallError(false, error);
      // After its first wait a call can't be told from others: any of them may hang the next thread too.
      if (id === current || (current === 0 && isHang)) return error;
      return new LostCallError(true, error);
    });
    this.onEnd(error);
  }

  /** Has the handler close, and ends the thread. */
  async close(): Promise<void> {
    this.onEnd = () => {};
    if (!this.#thread.hasEnded && this.#description?.hasClose === true) {
      const closed = new Promise<FromHandlerThread>((resolve) => (this.#said = resolve));
      const late = new AbortController();
      this.#thread.keepAlive(true);
      this.#thread.post({ kind: "close" });
      const timeout = sleep(closeTimeout, undefined, { signal: late.signal }).catch(() => {});
      const said = await Promise.race([closed, this.#thread.exited, timeout]);
      late.abort();
      await this.end();
      const { kind, error } = Object(said);
      if (kind === "closed" && typeof error === "string")
        throw new RuntimeError(`the handler did not close: ${error}`);
    } else await this.end();
  }

  /** Ends the thread, whatever it does: a loop within, native code when it is done. */
  async end(): Promise<void> {
    clearInterval(this.#watch);
    this.#calls.end(() => new RuntimeError("the model was closed"));
    await this.#thread.end();
  }
}

async function* ownParts(parts: AsyncIterable<Outputs>): AsyncIterable<Outputs> {
  for await (const part of parts) yield ownTensors(part);
}
