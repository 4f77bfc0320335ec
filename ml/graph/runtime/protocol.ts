/** @file What a runtime and its worker thread say to each other. Both are of one release: there is no version. */
import type { MessagePort } from "node:worker_threads";
import type { RandomDraw } from "../random-source.ts";
import type { Provider } from "./provider.ts";
import type { TensorData } from "./tensor-data.ts";
import type { TrainingAnswer, TrainingRequest } from "./training-protocol.ts";

/** A float32 tensor that the worker draws for the run. */
export interface Drawn extends RandomDraw {
  readonly shape: readonly number[];
}

/** A tensor as a run takes it: its elements, the number of one that the worker keeps, or how to draw it. */
export type Fed = TensorData | number | Drawn;

/** What the runtime asks. Programs' inputs and outputs have the order in which they were named when it was loaded. */
export type Request =
  | {
      readonly kind: "load";
      readonly program: number;
      readonly model: Uint8Array;
      readonly inputs: readonly string[];
      readonly outputs: readonly string[];
      /** Outputs that stay on the device. */
      readonly onDevice: readonly string[];
      readonly provider: Provider;
      readonly threads: number;
    }
  | {
      readonly kind: "run";
      readonly program: number;
      readonly feeds: readonly Fed[];
      /** For each output: null to be sent back, or the number under which the worker keeps it. */
      readonly outputs: readonly (number | null)[];
    }
  | { readonly kind: "fetch"; readonly stored: number }
  /** Only for the numbers to free that come with it. */
  | { readonly kind: "free" }
  | { readonly kind: "unload"; readonly program: number }
  /** Batches come from another thread through this port. */
  | { readonly kind: "gatherer"; readonly port: MessagePort }
  | { readonly kind: "training"; readonly training: TrainingRequest }
  | { readonly kind: "count" }
  | { readonly kind: "try"; readonly provider: Provider }
  | { readonly kind: "stop" };

/** A request with its number, to which the answer refers. */
export interface Numbered {
  readonly id: number;
  /** Tensors that the worker need not keep any more. */
  readonly free?: readonly number[];
  readonly request: Request;
}

/** What a runtime holds in its thread. */
export interface RuntimeContents {
  readonly tensors: number;
  readonly programs: number;
  /** Trainings that have not ended. */
  readonly trainings: number;
  /** Datasets that trainings learn from. */
  readonly datasets: number;
}

/** What an answer holds: the tensors asked for, or what was counted or measured. */
export interface Result {
  readonly tensors?: readonly TensorData[];
  readonly contents?: RuntimeContents;
  readonly milliseconds?: number;
  readonly training?: TrainingAnswer;
}

/** That a request failed, and whether what was asked made no sense. */
export interface Failed {
  readonly id: number;
  readonly error: string;
  readonly isInvalidInput: boolean;
}

/** What the worker answers; a number alone says that the request of that number is done. */
export type Answer = number | { readonly id: number; readonly result: Result } | Failed;
