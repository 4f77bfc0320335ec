/** @file The trainings of a runtime's thread, by their numbers. */
import { RuntimeError } from "../errors.ts";
import type { MessagePort } from "node:worker_threads";
import { DeviceTrainer } from "./device-trainer.ts";
import { GatheredBatches } from "./gathered-batches.ts";
import { MemoryTrainer } from "./memory-trainer.ts";
import type { GatheredFeeds, Trainer } from "./trainer.ts";
import type { Batches, Columns, TrainingAnswer, TrainingRequest } from "./training-protocol.ts";

const done: TrainingAnswer = { kind: "done" };

/** Answers what trainings ask. */
export class TrainingService {
  readonly #trainers = new Map<number, Trainer>();
  readonly #data = new Map<number, Columns>();
  #gathered: GatheredBatches | undefined;

  /** Takes batches that another thread gathers from its port. */
  gatherBy(port: MessagePort): void {
    this.#gathered?.close();
    this.#gathered = new GatheredBatches(port);
  }

  /** Does what is asked. Throws {@link RuntimeError} where it can't. */
  async answer(request: TrainingRequest): Promise<TrainingAnswer> {
    switch (request.kind) {
      case "begin":
        this.#trainers.set(
          request.training,
          request.plan.onDevice ? new DeviceTrainer(request.plan) : new MemoryTrainer(request.plan),
        );
        return done;
      case "program":
        await this.#trainer(request.training).addProgram(request.program, request.planned);
        return done;
      case "data":
        this.#data.set(request.data, request.columns);
        return done;
      case "drop data":
        this.#data.delete(request.data);
        return done;
      case "steps": {
        const { batches, program, rates, firstStep } = request;
        const trainer = this.#trainer(request.training);
        const source =
          "gathered" in batches
            ? { gathered: this.#readGathered(batches.gathered) }
            : { batches, columns: this.#columnsOf(batches) };
        const report = await trainer.steps(program, source, rates, firstStep);
        return { kind: "steps", report };
      }
      case "probe": {
        const { planned, batches, step } = request;
        const trainer = this.#trainer(request.training);
        return {
          kind: "probe",
          notFinite: await trainer.probe(planned, batches, this.#columnsOf(batches), step),
        };
      }
      case "snapshot":
        return { kind: "snapshot", snapshot: await this.#trainer(request.training).snapshot() };
      case "restore":
        this.#trainer(request.training).restore(request.snapshot);
        return done;
      case "end":
        await this.#trainers.get(request.training)?.close();
        this.#trainers.delete(request.training);
        return done;
      default:
        return request satisfies never;
    }
  }

  /** Releases all. */
  async close(): Promise<void> {
    for (const trainer of this.#trainers.values()) await trainer.close();
    this.#trainers.clear();
    this.#data.clear();
    this.#gathered?.close();
  }

  /** How many trainings and columns of data there are. */
  get contents(): { readonly trainings: number; readonly datasets: number } {
    return { trainings: this.#trainers.size, datasets: this.#data.size };
  }

  #readGathered(job: number): GatheredFeeds {
    if (!this.#gathered) throw new RuntimeError("no thread gathers batches");
    return this.#gathered.read(job);
  }

  #columnsOf(batches: Batches): Columns | undefined {
    return "data" in batches ? this.#data.get(batches.data) : undefined;
  }

  #trainer(training: number): Trainer {
    const trainer = this.#trainers.get(training);
    if (!trainer) throw new RuntimeError("the training has ended");
    return trainer;
  }
}
