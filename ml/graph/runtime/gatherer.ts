/** @file The owner of the thread that gathers batches for a runtime. */
import { availableParallelism } from "node:os";
import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { RuntimeError } from "../errors.ts";
import { rowBytes, type GatherRequest } from "./gather-protocol.ts";
import { threadArguments } from "../../thread-arguments.ts";
import type { Columns } from "./training-protocol.ts";

const isSource = import.meta.url.endsWith(".ts");
const workerUrl = new URL(
  isSource ? "./gather-worker-from-source.mjs" : "./gather-worker.js",
  import.meta.url,
);

/** Data that the caches hold is gathered in no time, and small batches in less than it takes to hand them over. */
const [fewestBytes, smallestBatch] = [16 * 2 ** 20, 64 * 2 ** 10];

/** Whether batches of columns are better gathered in another thread than where they are used. */
export function isWorthGathering(columns: Columns, batchSize: number): boolean {
  const bytes = Object.values(columns).reduce((sum, { data }) => sum + data.byteLength, 0);
  return availableParallelism() > 1 && bytes >= fewestBytes && rowBytes(columns) * batchSize >= smallestBatch;
}

/** A thread that holds data and gathers batches of it ahead of the runtime's, to which its port leads. */
export class Gatherer {
  /** To be handed to the runtime's thread, which takes batches from it. */
  readonly port: MessagePort;
  readonly #worker: Worker;
  readonly #kept = new Set<number>();
  #hasEnded = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.#worker = new Worker(workerUrl, {
      name: "tenon batches",
      workerData: { port: port2 },
      transferList: [port2],
      ...threadArguments(),
    });
    this.#worker.unref();
    // The runtime's thread sees its port close and says so to who waits for batches.
    this.#worker.on("error", () => {});
    this.#worker.once("exit", () => (this.#hasEnded = true));
  }

  /** Whether the thread is no more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** How many datasets it keeps. */
  get datasets(): number {
    return this.#hasEnded ? 0 : this.#kept.size;
  }

  /** Keeps a copy of columns under a number. */
  keep(data: number, columns: Columns): void {
    this.#kept.add(data);
    const buffers: ArrayBuffer[] = [];
    const copies = Object.entries(columns).map(([name, column]) => {
      const copy = column.data.slice();
      buffers.push(copy.buffer);
      return [name, { ...column, data: copy }] as const;
    });
    // SAFETY: each column has the array of its type.
    this.#say({ kind: "data", data, columns: Object.fromEntries(copies) as Columns }, buffers);
  }

  /** Begins to gather batches of rows, which the runtime's thread reads once. */
  gather(job: number, data: number, rows: Uint32Array, batchSize: number): void {
    const copy = rows.slice();
    this.#say({ kind: "job", job, data, rows: copy, batchSize }, [copy.buffer]);
  }

  /** Gives up a job that nobody has read. */
  drop(job: number): void {
    this.#say({ kind: "drop job", job });
  }

  /** Forgets columns. */
  forget(data: number): void {
    this.#kept.delete(data);
    this.#say({ kind: "drop data", data });
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Ends the thread, and doesn't wait for its end. */
  abandon(): void {
    this.#worker.terminate().catch(() => {});
  }

  #say(request: GatherRequest, transfer: readonly ArrayBuffer[] = []): void {
    try {
      this.#worker.postMessage(request, transfer);
    } catch (cause) {
      throw new RuntimeError(`the thread that gathers batches can't be told: ${String(cause)}`, { cause });
    }
  }
}
