/**
 * @file An objective that runs in threads: one trial at a time in each, as many threads as trials run at once.
 *
 * A thread that ends takes only its trial with it. An aborted trial's thread is ended, whatever it does.
 */
import { Worker } from "node:worker_threads";
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import "../no-telemetry.ts";
import { threadArguments } from "../thread-arguments.ts";
import {
  type Objective,
  ObjectiveModuleError,
  type Trial,
  TrialPruned,
  WorkerCrashedError,
} from "./objective.ts";
import {
  errorOf,
  failureOf,
  fromThreadSchema,
  type FromThread,
  type ToThread,
} from "./objective-protocol.ts";

const isSource = import.meta.url.endsWith(".ts");
const workerUrl = new URL(
  isSource ? "./objective-worker-from-source.mjs" : "./objective-worker.js",
  import.meta.url,
);

/** The threads of one objective. */
export class ObjectiveThreads {
  readonly #module: URL;
  readonly #all = new Set<ObjectiveThread>();
  readonly #idle: ObjectiveThread[] = [];

  /** @param module the URL of a module whose default export is the objective */
  constructor(module: URL) {
    this.#module = module;
  }

  /** The objective: runs in a thread that is free, or in a new one. */
  readonly run: Objective = async (settings, trial) => {
    const thread = this.#idle.pop() ?? this.#start();
    try {
      return await thread.run(settings, trial);
    } finally {
      if (thread.isAlive) this.#idle.push(thread);
      else this.#all.delete(thread);
    }
  };

  /** Ends all threads. */
  async end(): Promise<void> {
    await Promise.all([...this.#all].map(async (thread) => thread.end()));
  }

  #start(): ObjectiveThread {
    const thread = new ObjectiveThread(this.#module);
    this.#all.add(thread);
    return thread;
  }
}

class ObjectiveThread {
  readonly #worker: Worker;
  /** What waits for the thread's word, and what to do at its end. */
  #heard: (said: FromThread) => void = () => {};
  #ended: (error: Error) => void = () => {};
  #reason: Error | undefined;
  readonly #ready: Promise<void>;

  constructor(module: URL) {
    this.#worker = new Worker(workerUrl, {
      name: "tenon objective",
      workerData: module.href,
      ...threadArguments(),
    });
    this.#worker.on("message", (message: unknown) => this.#heard(v.parse(fromThreadSchema, message)));
    this.#worker.once("error", (cause) => {
      this.#end(new WorkerCrashedError(`the objective's thread failed: ${cause.message}`, { cause }));
    });
    this.#worker.once("exit", (code) => {
      this.#end(new WorkerCrashedError(`the objective's thread ended with code ${code}`));
    });
    this.#ready = new Promise((resolve, reject) => {
      this.#heard = (said) => {
        if (said.kind === "ready") return resolve();
        const reason = said.kind === "unusable" ? said.reason : `it said ${said.kind}`;
        reject(new ObjectiveModuleError(`${module.href} can't be used as an objective: ${reason}`));
      };
      this.#ended = (cause) =>
        reject(new ObjectiveModuleError(`${module.href} ends its thread when it is loaded`, { cause }));
    });
  }

  get isAlive(): boolean {
    return this.#reason === undefined;
  }

  async run(settings: unknown, trial: Trial): Promise<number> {
    const onAbort = (): void => void this.end();
    trial.signal.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#ready;
      return await this.#result(settings, trial);
    } catch (error) {
      trial.signal.throwIfAborted();
      if (error instanceof ObjectiveModuleError) await this.end();
      throw error;
    } finally {
      trial.signal.removeEventListener("abort", onAbort);
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  async #result(settings: unknown, trial: Trial): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#reason) return reject(this.#reason);
      this.#ended = reject;
      this.#heard = (said) => {
        // SAFETY: the search checks that what its objective gives is a number.
        if (said.kind === "done") resolve(said.value as number);
        else if (said.kind === "failed")
          reject(
            said.failure.name === "TrialPruned"
              ? new TrialPruned(said.failure.message)
              : errorOf(said.failure),
          );
        else void this.#answer(said, trial);
      };
      this.#say({ kind: "run", number: trial.number, settings });
    });
  }

  /** Does what the objective asks of its trial. */
  async #answer(said: FromThread, trial: Trial): Promise<void> {
    if (said.kind !== "report" && said.kind !== "setUserAttribute") return;
    const { call } = said;
    try {
      if (said.number !== trial.number) throw new InvalidInputError(`trial ${said.number} has ended already`);
      // SAFETY: the trial checks both.
      if (said.kind === "report") await trial.report(said.value as number, said.step as number);
      else await trial.setUserAttribute(said.key, said.value);
      this.#say({ kind: "answer", call });
    } catch (error) {
      this.#say({ kind: "answer", call, failed: failureOf(error) });
    }
  }

  #say(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #end(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#ended(reason);
  }
}
