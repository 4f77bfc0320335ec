/** @file A thread that computes for an engine, seen from the service. */
import { Worker } from "node:worker_threads";
import { RuntimeError } from "../../graph/errors.ts";
import "../../no-telemetry.ts";
import { threadArguments } from "../../thread-arguments.ts";

/** Whether the library runs from its sources, as in tests: then a loader of TypeScript starts the threads' modules. */
const isSource = import.meta.url.endsWith(".ts");
const loader = new URL("./thread-from-source.mjs", import.meta.url);

/** A thread that is told and says messages of these kinds. */
export class ModelThread<Told, Said> {
  hasEnded = false;
  onMessage: (message: Said) => void = () => {};
  /** Told once that the thread has ended, unless it was told to. */
  onEnd: (error: Error) => void = () => {};
  /** Fulfilled when the thread has ended, however that came. */
  readonly exited: Promise<void>;
  readonly #worker: Worker;

  /** @param module where it is when compiled @param whose how its errors call it, such as `an engine` */
  constructor(module: URL, whose: string, workerData: unknown) {
    this.#worker = new Worker(isSource ? loader : module, {
      name: `tenon ${whose.replace(/^an? /, "")}`,
      workerData,
      argv: isSource ? [module.href.replace(/js$/, "ts")] : [],
      ...threadArguments(),
    });
    this.#worker.on("message", (message: Said) => this.onMessage(message));
    this.#worker.once("error", (cause) =>
      this.#end(new RuntimeError(`${whose}'s thread failed: ${messageOf(cause)}`, { cause })),
    );
    this.#worker.once("exit", (code) =>
      this.#end(new RuntimeError(`${whose}'s thread ended with code ${code}`)),
    );
    this.exited = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
  }

  post(message: Told): void {
    this.#worker.postMessage(message);
  }

  /** Whether it keeps the process alive: it does until it is told otherwise, so that what waits for it comes to an end. */
  keepAlive(isKept: boolean): void {
    if (isKept) this.#worker.ref();
    else this.#worker.unref();
  }

  #end(error: Error): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.onEnd(error);
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    this.onEnd = () => {};
    await this.#worker.terminate();
  }
}

/** Programs may throw what is no error. */
function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
