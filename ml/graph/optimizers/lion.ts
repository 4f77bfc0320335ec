import { requireDecayRate, requireNotNegative } from "../../settings.ts";
import type { UpdateRule } from "./update-rule.ts";

/** Lion, as plain data; {@link lion} makes it. */
export interface Lion {
  readonly kind: "lion";
  /** How much of the running mean counts in the direction, and how much of it is kept in a step. */
  readonly betas: readonly [number, number];
  readonly weightDecay: number;
}

/**
 * Lion (Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023, algorithm 2): θ moves by the learning rate
 * against the sign of β₁ · m + (1 − β₁) · g, and by rate · `weightDecay` · θ; then m ← β₂ · m + (1 − β₂) · g. PyTorch has
 * no Lion; the defaults are the paper's. Its learning rate is usually a third to a tenth of AdamW's.
 *
 * @throws InvalidInputError for a setting out of its range
 */
export function lion({ betas = [0.9, 0.99], weightDecay = 0 }: Partial<Omit<Lion, "kind">> = {}): Lion {
  requireDecayRate("betas[0]", betas[0]);
  requireDecayRate("betas[1]", betas[1]);
  requireNotNegative("weightDecay", weightDecay);
  return { kind: "lion", betas: [betas[0], betas[1]], weightDecay };
}

/** Lion's steps. */
export function lionRule({ betas: [beta1, beta2], weightDecay }: Lion): UpdateRule {
  return {
    slots: ["mean"],
    initial: 0,
    apply(kernels, memory, _step, learningRate) {
      for (const range of memory.ranges(weightDecay)) {
        kernels.lion(
          range.parameters,
          range.gradients,
          range.slot(0),
          range.bytes,
          learningRate,
          range.decays ? 1 - learningRate * weightDecay : 1,
          beta1,
          1 - beta1,
          beta2,
          1 - beta2,
        );
      }
    },
  };
}
