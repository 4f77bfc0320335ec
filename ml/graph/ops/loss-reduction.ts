/** @file From losses of elements or examples to one number. */
import type { Value } from "../value.ts";
import { divide } from "./elementwise.ts";
import { mean, sum } from "./reduce.ts";

/** What is made of the losses: their mean, their sum, or nothing. */
export type Reduction = "mean" | "sum" | "none";

/** Losses reduced; with weights that they were multiplied by, the mean is that of PyTorch: their sum over the weights'. */
export function reduceLoss(losses: Value, reduction: Reduction, weights?: Value): Value {
  if (reduction === "none") return losses;
  if (reduction === "sum") return sum(losses);
  return weights ? divide(sum(losses), sum(weights)) : mean(losses);
}
