/** @file Parameters with the optimizer that moves them, wherever they are. */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import type { StepReport } from "../optimizers/optimizer-state.ts";
import type { SavedOptimizerState } from "../optimizers/saved-state.ts";

/** What a training needs of its parameters. */
export interface MovedParameters {
  /** The parameters by name, as the next run takes them. */
  readonly feeds: Readonly<Record<string, OrtTensor>>;
  /** Where a run's gradients go, by the names of its outputs: memory, or null where the run gives new tensors. */
  readonly gradients: Readonly<Record<string, OrtTensor | null>>;
  /** Moves every parameter against the gradients of a run, unless one of those isn't finite. */
  readonly move: (results: Readonly<Record<string, OrtTensor>>, learningRate: number) => Promise<StepReport>;
  /** A copy of all that {@link restore} needs to go on from here. */
  readonly save: () => Promise<SavedOptimizerState>;
  /** Puts back what {@link save} gave. Throws OptimizerStateError for a state of others; nothing changes then. */
  readonly restore: (saved: SavedOptimizerState) => void;
  readonly close: () => Promise<void>;
}
