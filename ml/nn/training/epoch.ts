/** @file What a training tells of an epoch. */

/** Means over the rows of one epoch. */
export interface Measures {
  readonly loss: number;
  /** The other scalars that the loss function gave. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** One epoch of a training. */
export interface Epoch extends Measures {
  /** Counted from 1. */
  readonly epoch: number;
  readonly validation: Measures | undefined;
  /** The learning rate of its last step. */
  readonly learningRate: number;
  readonly seconds: number;
}
