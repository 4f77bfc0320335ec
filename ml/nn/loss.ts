import { binaryCrossEntropy } from "../graph/ops/losses.ts";
import { mean } from "../graph/ops/reduce.ts";
import { input, type Value } from "../graph/value.ts";
import type { Loss } from "../graph/training-session.ts";
import { categoryInput, labelsInput, numericInput } from "./batches.ts";
import type { Encoding } from "./encoding.ts";
import { network } from "./network.ts";

/** A network and its mean loss over a batch, with the inputs that a batch fills. */
export function networkLoss(encoding: Encoding, parameters: readonly Value[], positiveWeight: number): Loss {
  const width = encoding.numeric.length;
  const numbers = width > 0 ? input(numericInput, "float32", ["batch", width]) : undefined;
  const categories = encoding.categorical.map(({ name }) => input(categoryInput(name), "int64", ["batch"]));
  const labels = input(labelsInput, "float32", ["batch", 1]);
  const logits = network(encoding, numbers, categories, parameters);
  const inputs = [...(numbers ? [numbers] : []), ...categories, labels];
  return { inputs, loss: mean(binaryCrossEntropy(logits, labels, positiveWeight)) };
}
