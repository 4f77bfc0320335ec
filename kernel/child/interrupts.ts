/** @file The main thread's part in interrupts; interrupt-state.ts says how the threads take turns. */
import { setImmediate } from "./clock.ts";
import type { Executor } from "./executor.ts";
import type { UserInput } from "./input.ts";
import {
  interruptFlag,
  interruptNone,
  interruptRequested,
  interruptTerminated,
  interruptTerminating,
} from "./interrupt-state.ts";
import type { FromControl, SharedState, ToControl } from "./interrupt-state.ts";
import type { ExecuteMessage } from "./protocol.ts";

export class Interrupts {
  readonly #flags: Int32Array;
  readonly #executor: Executor;
  readonly #input: UserInput;
  readonly #tell: (message: ToControl) => void;
  /** Cells that came while an interrupt was under way. */
  readonly #deferred: ExecuteMessage[] = [];

  constructor(shared: SharedState, executor: Executor, input: UserInput, tell: (message: ToControl) => void) {
    this.#flags = shared.flags;
    this.#executor = executor;
    this.#input = input;
    this.#tell = tell;
    executor.onTerminated = (request) => this.#evaluationStopped(request);
  }

  /** Starts a cell, after an interrupt that is under way: it must not be hit by it. */
  execute(message: ExecuteMessage): void {
    if (this.#deferred.length > 0 || Atomics.load(this.#flags, interruptFlag) !== interruptNone) {
      this.#deferred.push(message);
    } else {
      this.#executor.execute(message);
    }
  }

  /** Handles the control thread's message. */
  receive({ requests }: FromControl): void {
    // Whatever runs now may be hit; another message follows.
    if (Atomics.load(this.#flags, interruptFlag) === interruptTerminating) return;
    if (this.#executor.willRunListeners(requests)) {
      // Listeners are user code: until they have returned, they can be stopped like any other.
      Atomics.store(this.#flags, interruptFlag, interruptRequested);
      this.#tell({ type: "watch" });
      this.#executor.abort(requests);
    }
    const isDone = [interruptNone, interruptRequested, interruptTerminated].some(
      (state) => Atomics.compareExchange(this.#flags, interruptFlag, state, interruptNone) === state,
    );
    if (!isDone) return;
    this.#input.forget();
    this.#executor.interrupt(requests);
    this.#tell({ type: "settled", requests });
    this.#runDeferred();
  }

  #evaluationStopped(request: string): void {
    Atomics.store(this.#flags, interruptFlag, interruptNone);
    this.#input.forget();
    this.#tell({ type: "settled", requests: [request] });
    setImmediate(() => this.#runDeferred());
  }

  #runDeferred(): void {
    for (const message of this.#deferred.splice(0)) this.execute(message);
  }
}
