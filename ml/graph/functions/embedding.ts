/** @file Rows of a table looked up by number. */
import { gather } from "../ops/gather.ts";
import type { Dimension, Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";

/**
 * The rows of a table `[vocabulary, width]` at positions `[...]`: `[..., width]`. The gradient of a row that is looked up
 * several times is the sum.
 */
export function embedding<Width extends Dimension, const Positions extends Shape>(
  table: Tensor<readonly [Dimension, Width]>,
  positions: Tensor<Positions, "int32"> | Tensor<Positions, "int64">,
): Tensor<readonly [...Positions, Width]> {
  return new Tensor(gather(table.value, positions.value));
}
