/**
 * @file One training in the runtime's thread: parameters, their optimizer, and programs that compute on them. Parameters
 * lie in memory (`memory-trainer.ts`) or stay on a device (`device-trainer.ts`).
 */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import type {
  Batches,
  Columns,
  NotFinite,
  PlannedProbe,
  PlannedProgram,
  Snapshot,
  StepsReport,
} from "./training-protocol.ts";

/** Batches that come gathered, by input name; each holds until the next is asked for. */
export type GatheredFeeds = AsyncIterable<Readonly<Record<string, OrtTensor>>>;

/** Where the batches of steps come from. */
export type BatchSource =
  { readonly batches: Batches; readonly columns: Columns | undefined } | { readonly gathered: GatheredFeeds };

/** What the thread does with a training. */
export interface Trainer {
  /** Loads a program under a number. */
  addProgram(program: number, planned: PlannedProgram): Promise<void>;
  /** Runs a program over batches, one step each; stops at the first that is not finite. */
  steps(program: number, source: BatchSource, rates: Float64Array, firstStep: number): Promise<StepsReport>;
  /** What of a step is not finite, inputs first: one batch is run once more, and nothing moves. */
  probe(
    planned: PlannedProbe,
    batches: Batches,
    columns: Columns | undefined,
    step: number,
  ): Promise<readonly NotFinite[]>;
  /** Copies of all that the training goes on with. */
  snapshot(): Promise<Snapshot>;
  /** Goes on from a snapshot. Throws {@link RuntimeError} where it is of other states, or as the optimizer does. */
  restore(snapshot: Snapshot): void;
  /** Releases programs and parameters. */
  close(): Promise<void>;
}
