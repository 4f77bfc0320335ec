/** @file Batches that are made while a training runs: read from files, generated, augmented. */
import { InvalidInputError } from "../../errors.ts";
import { evaluate } from "../../graph/evaluate.ts";
import type { Columns } from "../../graph/runtime/training-protocol.ts";
import { knownSizes, showShape } from "../../graph/shape.ts";
import { Tensor } from "../../graph/tensor.ts";
import { describe, leaves, mapTree, type Tree } from "../../graph/trees.ts";
import { input } from "../../graph/value.ts";
import { batchInput } from "./dataset.ts";

/** What a stream is made of. */
export interface StreamDefinition<T extends Tree> {
  /** How many batches make an epoch. */
  readonly batches: number;
  /** Begins an epoch, counted from 1. For a training that can be repeated it must give the same for the same epoch. */
  readonly open: (epoch: number) => AsyncIterable<T> | Iterable<T>;
}

/** A batch as a program takes it. */
export interface StreamedBatch {
  /** Tensors that stand for it. */
  readonly form: Tree;
  readonly columns: Columns;
  /** How many rows it has. */
  readonly rows: number;
}

/** What is known of a stream before it is opened. */
export interface KnownStream {
  /** Tensors that stand for a batch. */
  readonly form: Tree;
  /** What tells it from other streams, for checkpoints. */
  readonly identity: string;
}

/** Batches in epochs. The next one is made while the one before it is trained on. */
export class Stream<T extends Tree> {
  readonly batches: number;
  /** @internal */
  readonly known: KnownStream | undefined;
  readonly #open: StreamDefinition<T>["open"];

  /** @internal Use {@link stream}. */
  constructor({ batches, open }: StreamDefinition<T>, known?: KnownStream) {
    this.known = known;
    if (!Number.isInteger(batches) || batches < 1)
      throw new InvalidInputError(`batches must be a whole number from 1, not ${batches}`);
    this.batches = batches;
    this.#open = open;
  }

  /** The batches of an epoch. Throws {@link InvalidInputError} where there are fewer than were promised. */
  async *epoch(epoch: number): AsyncGenerator<StreamedBatch> {
    let count = 0;
    const batches: unknown = this.#open(epoch);
    if (!isIterable(batches))
      throw new InvalidInputError(`the stream's open() gave ${describe(batches)}, which has no batches`);
    for await (const batch of batches) {
      yield await streamed(batch);
      count++;
      if (count === this.batches) return;
    }
    throw new InvalidInputError(
      `the stream ended after ${count} of ${this.batches} batches in epoch ${epoch}`,
    );
  }
}

/**
 * Batches that come one after another: trees of tensors, whose first axes are the rows.
 * @example stream({ batches: 500, open: async function* (epoch) { for await (const rows of read(epoch)) yield rows; } })
 */
export function stream<T extends Tree>(definition: StreamDefinition<T>): Stream<T> {
  return new Stream(definition);
}

/** What a stream is made of may not be what its type says; the batches themselves are looked at one by one. */
function isIterable(value: unknown): value is AsyncIterable<Tree> | Iterable<Tree> {
  return (
    typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

async function streamed(batch: Tree): Promise<StreamedBatch> {
  const found = leaves(batch);
  const data = await evaluate(found.map(([, { value }]) => value));
  const columns = Object.fromEntries(
    found.map(([path], index) => {
      const column = data[index];
      if (!column || column.dtype === "string")
        throw new InvalidInputError(`"${path}" holds text, which no network takes: encode it as numbers`);
      return [batchInput(path), column];
    }),
  );
  const form = mapTree(
    batch,
    ({ value }, path) => new Tensor(input(batchInput(path), value.dtype, value.shape)),
  );
  const [first] = found;
  const rows = first && knownSizes(first[1].value.shape)?.[0];
  if (!rows)
    throw new InvalidInputError(
      `a batch of shape ${first ? showShape(first[1].value.shape) : "[]"} has no rows of a known number`,
    );
  return { form, columns, rows };
}
