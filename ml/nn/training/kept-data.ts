/**
 * @file The data of a training in the threads that read it: in the runtime's, or in one that gathers batches for it where
 * that is worth it. Batches of the latter are announced by jobs, each of which is used once.
 */
import { GraphError } from "../../graph/errors.ts";
import { isWorthGathering, type Gatherer } from "../../graph/runtime/gatherer.ts";
import type { Runtime } from "../../graph/runtime/runtime.ts";
import type { Batches } from "../../graph/runtime/training-protocol.ts";
import type { Tree } from "../../graph/trees.ts";
import type { Dataset } from "./dataset.ts";

/** Rows of kept columns, with the job that gathers them where they were announced. */
export type RowBatches = Extract<Batches, { readonly rows: Uint32Array }> & { readonly job?: number };

interface Kept {
  readonly data: Dataset<Tree>;
  readonly gatherer: Gatherer | undefined;
}

/** Datasets by their numbers. */
export class KeptData {
  readonly #runtime: Runtime;
  readonly #kept = new Map<number, Kept>();
  /** Jobs whose batches have not been asked for. */
  readonly #announced = new Set<number>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Keeps a dataset's columns; gives their number. */
  async keep(data: Dataset<Tree>, batchSize: number, onDevice: boolean): Promise<number> {
    const number = this.#runtime.reserve();
    const columns = await data.columns();
    const gatherer =
      !onDevice && isWorthGathering(columns, batchSize) ? await this.#runtime.gatherer() : undefined;
    if (gatherer) gatherer.keep(number, columns);
    else await this.#runtime.training({ kind: "data", data: number, columns });
    this.#kept.set(number, { data, gatherer });
    return number;
  }

  /** Says which batches are to come, so that they may be gathered ahead; gives what to ask for them with. */
  announce(batches: RowBatches): RowBatches {
    const gatherer = this.#kept.get(batches.data)?.gatherer;
    if (!gatherer) return batches;
    const job = this.#runtime.reserve();
    gatherer.gather(job, batches.data, batches.rows, batches.batchSize);
    this.#announced.add(job);
    return { ...batches, job };
  }

  /** Batches as the runtime's thread is asked for steps over them. */
  forSteps(batches: Batches | RowBatches): Batches | { readonly gathered: number } {
    if ("columns" in batches) return batches;
    const { data, rows, batchSize } = batches;
    // A part of an array would be sent with all of it.
    if (!this.#kept.get(data)?.gatherer) return { data, rows: rows.slice(), batchSize };
    const { job }: RowBatches = batches;
    const gathered = job ?? this.announce(batches).job;
    if (gathered === undefined || !this.#announced.delete(gathered))
      throw new GraphError("batches that were gathered are used once");
    return { gathered };
  }

  /** One batch as the runtime's thread itself can read it. */
  async forReading(batches: Batches | RowBatches): Promise<Batches> {
    if ("columns" in batches) return batches;
    const { data, rows, batchSize } = batches;
    const kept = this.#kept.get(data);
    if (!kept?.gatherer) return { data, rows: rows.slice(), batchSize };
    return { columns: [await (await kept.data.take(rows)).columns()] };
  }

  /** Gives up all of it. */
  async close(): Promise<void> {
    for (const [data, { gatherer }] of this.#kept) {
      if (!gatherer) await this.#runtime.training({ kind: "drop data", data });
      else {
        for (const job of this.#announced) gatherer.drop(job);
        this.#announced.clear();
        gatherer.forget(data);
      }
    }
    this.#kept.clear();
  }
}
