import { requireEpsilon, requireNotNegative } from "../../settings.ts";
import type { UpdateRule } from "./update-rule.ts";

/** Adagrad, as plain data; {@link adagrad} makes it. */
export interface Adagrad {
  readonly kind: "adagrad";
  /** The learning rate of step n, from 0, is divided by 1 + n · `lrDecay`. */
  readonly lrDecay: number;
  readonly initialAccumulatorValue: number;
  readonly eps: number;
  readonly weightDecay: number;
}

/**
 * Adagrad (Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", 2011),
 * as `torch.optim.Adagrad`: s ← s + g², θ ← θ − rate · g / (√s + eps); `weightDecay` · θ is added to g.
 *
 * @throws InvalidInputError for a setting out of its range
 */
export function adagrad({
  lrDecay = 0,
  initialAccumulatorValue = 0,
  eps = 1e-10,
  weightDecay = 0,
}: Partial<Omit<Adagrad, "kind">> = {}): Adagrad {
  requireNotNegative("lrDecay", lrDecay);
  requireNotNegative("initialAccumulatorValue", initialAccumulatorValue);
  requireEpsilon(eps);
  requireNotNegative("weightDecay", weightDecay);
  return { kind: "adagrad", lrDecay, initialAccumulatorValue, eps, weightDecay };
}

/** Adagrad's steps. */
export function adagradRule({ lrDecay, initialAccumulatorValue, eps, weightDecay }: Adagrad): UpdateRule {
  return {
    slots: ["square"],
    initial: initialAccumulatorValue,
    apply(kernels, memory, step, learningRate) {
      const rate = learningRate / (1 + (step - 1) * lrDecay);
      for (const range of memory.ranges(weightDecay)) {
        const { parameters, gradients, bytes, decays } = range;
        kernels.adagrad(parameters, gradients, range.slot(0), bytes, rate, decays ? weightDecay : 0, eps);
      }
    },
  };
}
