/** @file What a training and the runtime's thread say to each other. */
import type { GradientClipping } from "../optimizers/optimizer-state.ts";
import type { SavedOptimizerState } from "../optimizers/saved-state.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { Distribution } from "../random-source.ts";
import type { Provider } from "./provider.ts";
import type { TensorData } from "./tensor-data.ts";

/** A parameter with its first value. */
export interface PlannedParameter {
  /** The name of the program's input; its gradient is the output `gradient of NAME`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Whether weight decay applies to it. */
  readonly decay: boolean;
}

/** What a program updates without a gradient, such as running means: the input of the name, the output `next NAME`. */
export interface PlannedState {
  readonly name: string;
  readonly value: TensorData<"float32">;
}

/** A source of noise: the input of the name, filled anew for each step. */
export interface PlannedNoise {
  readonly name: string;
  readonly distribution: Distribution;
  readonly stream: number;
  readonly shape: readonly number[];
}

/** What is trained, and how. */
export interface TrainingPlan {
  readonly parameters: readonly PlannedParameter[];
  readonly states: readonly PlannedState[];
  readonly optimizer: Optimizer;
  readonly clipping: GradientClipping | undefined;
  /**
   * Whether programs multiply their losses while they compute gradients (`ml/graph/loss-scaling.ts`): then two more states
   * are carried from step to step, and a step whose gradients are not finite is left out instead of ending the training,
   * unless the factor is down to 1.
   */
  readonly isScaled: boolean;
  readonly seed: number;
  readonly provider: Provider;
  readonly threads: number;
  /** Whether parameters and states stay where the provider computes, moved there, and not in memory of the CPU. */
  readonly onDevice: boolean;
}

/** A program for one form of batch. */
export interface PlannedProgram {
  /** Whether it only measures: it has no gradients and updates nothing. */
  readonly isMeasuring: boolean;
  readonly model: Uint8Array;
  /** Inputs that are the same at every step. */
  readonly constants: Readonly<Record<string, TensorData>>;
  readonly noise: readonly PlannedNoise[];
  /** What to report beside the loss: scalars. */
  readonly metrics: readonly string[];
}

/** Columns by input name; the first axis is the rows. */
export type Columns = Readonly<Record<string, Exclude<TensorData, { readonly dtype: "string" }>>>;

/** The batches of some steps: rows of stored columns, or columns that come with the request. */
export type Batches =
  | { readonly data: number; readonly rows: Uint32Array; readonly batchSize: number }
  | { readonly columns: readonly Columns[] };

/** A program that gives what a step computes on its way, to find where a number stops being finite. */
export interface PlannedProbe {
  readonly model: Uint8Array;
  readonly constants: Readonly<Record<string, TensorData>>;
  readonly noise: readonly PlannedNoise[];
  /** The outputs to look at, each with the bytes that it takes. */
  readonly outputs: readonly { readonly name: string; readonly bytes: number }[];
}

/** An input or output of a probe that is not finite. */
export interface NotFinite {
  readonly name: string;
  /** NaN where it holds one, else the infinity that it holds. */
  readonly holds: NotFiniteNumber;
  /** Where the first such element is, row-major. */
  readonly position: number;
}

/** A number that is not finite. */
export type NotFiniteNumber = "NaN" | "Infinity" | "-Infinity";

/** What a training asks of the thread. */
export type TrainingRequest =
  | { readonly kind: "begin"; readonly training: number; readonly plan: TrainingPlan }
  | {
      readonly kind: "program";
      readonly training: number;
      readonly program: number;
      readonly planned: PlannedProgram;
    }
  | { readonly kind: "data"; readonly data: number; readonly columns: Columns }
  | { readonly kind: "drop data"; readonly data: number }
  | {
      readonly kind: "steps";
      readonly training: number;
      readonly program: number;
      /** Batches, or the number of the job by which another thread gathers them. */
      readonly batches: Batches | { readonly gathered: number };
      /** The learning rate of each step; none where the program only measures. */
      readonly rates: Float64Array;
      /** The number of the first step, which noise depends on. */
      readonly firstStep: number;
    }
  | {
      /** Runs one batch under the parameters as they are. */
      readonly kind: "probe";
      readonly training: number;
      readonly planned: PlannedProbe;
      readonly batches: Batches;
      readonly step: number;
    }
  | { readonly kind: "snapshot"; readonly training: number }
  | { readonly kind: "restore"; readonly training: number; readonly snapshot: Snapshot }
  | { readonly kind: "end"; readonly training: number };

/** What some steps gave. */
export interface StepsReport {
  /** The loss of each step that was run. */
  readonly losses: Float64Array;
  /** Each metric of each step. */
  readonly metrics: readonly Float64Array[];
  /** The Euclidean norm of the gradients of each step, before clipping. */
  readonly gradientNorms: Float64Array;
  /** What became infinite or no number; the step it happened in moved nothing and is the last of the report. */
  readonly notFinite?: "the loss" | { readonly gradientOf: string };
}

/** All that a training needs to go on, bit for bit, as if it had never stopped. */
export interface Snapshot {
  /** Parameters and what the optimizer keeps of them. */
  readonly optimizer: SavedOptimizerState;
  readonly states: Readonly<Record<string, Float32Array>>;
}

/** What the thread answers. */
export type TrainingAnswer =
  | { readonly kind: "done" }
  | { readonly kind: "steps"; readonly report: StepsReport }
  | { readonly kind: "probe"; readonly notFinite: readonly NotFinite[] }
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot };

/** The name of the output that holds a parameter's gradient. */
export const gradientOutput = (parameter: string): string => `gradient of ${parameter}`;

/** The name of the output that holds a state's next value. */
export const nextOutput = (state: string): string => `next ${state}`;

/** The name of the output that holds the loss. No output has a name that a parameter may well have. */
export const lossOutput = "loss of the batch";

/** The name of the output that holds a metric. */
export const metricOutput = (metric: string): string => `metric ${metric}`;
