/** @file Vectors for whole numbers: words, categories, positions. */
import { fromData } from "../../graph/create.ts";
import { gather } from "../../graph/ops/gather.ts";
import type { Shape } from "../../graph/shape.ts";
import { Tensor } from "../../graph/tensor.ts";
import { Random } from "../../random.ts";

/** The parameters of {@link embedding}. */
export type EmbeddingParameters<Count extends number, Width extends number> = {
  /** One row for each number. */
  readonly table: Tensor<readonly [Count, Width], "float32">;
};

/** A layer that looks vectors up. */
export interface Embedding<Count extends number, Width extends number> {
  readonly init: (seed: number | Random) => EmbeddingParameters<Count, Width>;
  /** The vectors of whole numbers from 0 to below the count: `[…]` to `[…, width]`. */
  readonly apply: <const S extends Shape>(
    parameters: EmbeddingParameters<Count, Width>,
    numbers: Tensor<S, "int64" | "int32">,
  ) => Tensor<readonly [...S, Width], "float32">;
}

/** A vector of `width` numbers for each of `count` whole numbers; they begin normally distributed, as in PyTorch. */
export function embedding<const Count extends number, const Width extends number>(
  count: Count,
  width: Width,
): Embedding<Count, Width> {
  return {
    init: (seed) => {
      const random = typeof seed === "number" ? new Random(seed) : seed;
      const data = Float32Array.from({ length: count * width }, () => random.normal());
      return { table: fromData("float32", data, [count, width]) };
    },
    apply: ({ table }, numbers) => new Tensor(gather(table.value, numbers.value)),
  };
}
