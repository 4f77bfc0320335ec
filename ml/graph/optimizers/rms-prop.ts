import { requireDecayRate, requireEpsilon, requireNotNegative } from "../../settings.ts";
import type { UpdateRule } from "./update-rule.ts";

/** RMSProp, as plain data; {@link rmsProp} makes it. */
export interface RmsProp {
  readonly kind: "rmsProp";
  /** How much of the running mean of squared gradients is kept in a step. */
  readonly alpha: number;
  readonly eps: number;
  readonly momentum: number;
  /** Divides by the running deviation (Graves, 2013) and not by the root of the mean square. */
  readonly centered: boolean;
  readonly weightDecay: number;
}

/**
 * RMSProp (Hinton, "Neural Networks for Machine Learning", lecture 6, 2012; centered: Graves, "Generating Sequences With
 * Recurrent Neural Networks", 2013), as `torch.optim.RMSprop`: eps is added to the root; `weightDecay` · θ is added to the
 * gradient. Where rounding would make a centered variance negative, it is zero (PyTorch's becomes NaN).
 *
 * @throws InvalidInputError for a setting out of its range
 */
export function rmsProp({
  alpha = 0.99,
  eps = 1e-8,
  momentum = 0,
  centered = false,
  weightDecay = 0,
}: Partial<Omit<RmsProp, "kind">> = {}): RmsProp {
  requireDecayRate("alpha", alpha);
  requireEpsilon(eps);
  requireNotNegative("momentum", momentum);
  requireNotNegative("weightDecay", weightDecay);
  return { kind: "rmsProp", alpha, eps, momentum, centered, weightDecay };
}

/** RMSProp's steps; means and velocities take a slot where they are used. */
export function rmsPropRule({ alpha, eps, momentum, centered, weightDecay }: RmsProp): UpdateRule {
  const slots = ["square", ...(centered ? ["mean"] : []), ...(momentum > 0 ? ["velocity"] : [])];
  return {
    slots,
    initial: 0,
    apply(kernels, memory, _step, learningRate) {
      for (const range of memory.ranges(weightDecay)) {
        kernels.rmsProp(
          range.parameters,
          range.gradients,
          range.slot(0),
          centered ? range.slot(1) : 0,
          momentum > 0 ? range.slot(slots.length - 1) : 0,
          range.bytes,
          learningRate,
          range.decays ? weightDecay : 0,
          alpha,
          1 - alpha,
          eps,
          momentum,
          centered,
        );
      }
    },
  };
}
