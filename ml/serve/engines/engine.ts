/** @file What computes a model's outputs. */
import { ServingError, type CallContext, type InferenceTensor, type Parameters } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";

/** What an engine may go by beside the values. */
export type CallLimits = Pick<CallContext, "deadline" | "priority" | "signal"> & {
  /** What the caller added, for engines that go by it. */
  readonly parameters?: Parameters | undefined;
  /**
   * Told by an engine that has calls wait in how many milliseconds it computed the call, without the wait; the first to say it knows best.
   * Where nobody says it, the call waited for nothing.
   */
  computed?(milliseconds: number): void;
};

/** What an engine that gathers requests has done. */
export interface ExecutionCounts {
  executions: number;
  rows: number;
  /** Milliseconds that requests waited, added up. */
  queued: number;
  /** Milliseconds of the executions, added up. */
  computed: number;
}

/** Computes outputs of rows. It is given values that were checked against the model's plan, and at least one row. */
export interface Engine {
  /** What computes, for the model's metadata. */
  readonly platform: string;
  /** About how much memory it holds, in bytes. */
  readonly bytes: number;
  /** Whether it can compute now; absent where it always can. */
  readonly isHealthy?: boolean;
  /** What it has done; absent where every request is an execution. */
  readonly counts?: Readonly<ExecutionCounts> | undefined;
  /** The outputs of the signature, in its order. An answer that is there at once is no promise. */
  run(
    inputs: ModelInputs,
    limits: CallLimits,
  ): readonly InferenceTensor[] | Promise<readonly InferenceTensor[]>;
  /** The outputs in parts, as they come; absent where there is only one. */
  readonly stream?:
    ((inputs: ModelInputs, limits: CallLimits) => AsyncIterable<readonly InferenceTensor[]>) | undefined;
  /** Gives back what it holds; nothing runs any more, and nothing will. */
  close(): Promise<void>;
}

/** The error of a call whose deadline passed because the model took too long to compute it. */
export function modelTooLate(): ServingError {
  return new ServingError("deadline", "the model took longer than the caller had");
}

/** A thread that didn't reply in time: its calls' deadline, whatever their own were. */
export class EngineHangError extends ServingError {
  constructor(milliseconds: number) {
    super("deadline", `the model did not answer in ${milliseconds / 1000} s and was stopped`);
  }
}

/** The error of a call of a model whose threads all hang in what can't be interrupted. */
export function hanging(): ServingError {
  return new ServingError("unavailable", "the model's threads hang");
}

/** How often a call may lose its thread before it is given up. */
export const mostTries = 2;
