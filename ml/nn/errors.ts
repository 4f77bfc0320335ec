import type { NotFiniteNumber } from "../graph/runtime/training-protocol.ts";

/** A model that is asked for what only a fitted one can do. */
export class NotFittedError extends Error {
  override readonly name = "NotFittedError";
}

/** The first thing of a training step that was not finite. */
export type NonFiniteOrigin =
  | {
      readonly kind: "data";
      /** The column's path in the batch. */
      readonly name: string;
      /** Counted from 0; of the dataset, or of the batch where a stream gives them. */
      readonly row: number;
      readonly holds: NotFiniteNumber;
    }
  | { readonly kind: "parameter"; readonly name: string; readonly holds: NotFiniteNumber }
  | {
      readonly kind: "constant";
      readonly shape: readonly (number | string)[];
      readonly holds: NotFiniteNumber;
    }
  | {
      readonly kind: "operator";
      /** The ONNX operator that gave it from finite numbers. */
      readonly operator: string;
      /** The shape of its result. */
      readonly shape: readonly (number | string)[];
      /** Where it was applied, such as `train.ts:12:5`; undefined where that is not known. */
      readonly place: string | undefined;
      readonly holds: NotFiniteNumber;
    };

/** Training whose loss, or a gradient of it, is no longer finite. The parameters are as they were before that step. */
export class TrainingDivergedError extends Error {
  override readonly name = "TrainingDivergedError";
  /** Counted from 1. */
  readonly epoch: number;
  /** The step of the epoch, counted from 1. */
  readonly step: number;
  /** Undefined where it can't be told. */
  readonly origin: NonFiniteOrigin | undefined;

  constructor(
    message: string,
    {
      epoch,
      step,
      origin,
      cause,
    }: {
      readonly epoch: number;
      readonly step: number;
      readonly origin: NonFiniteOrigin | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.epoch = epoch;
    this.step = step;
    this.origin = origin;
  }
}

/** A model file that is missing, damaged or not of the expected kind. */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
}
