import { InvalidInputError } from "../../errors.ts";
import { requireNotNegative } from "../../settings.ts";
import type { UpdateRule } from "./update-rule.ts";

/** Stochastic gradient descent, as plain data; {@link sgd} makes it. */
export interface Sgd {
  readonly kind: "sgd";
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

/**
 * Stochastic gradient descent, with momentum as PyTorch's `torch.optim.SGD` has it: v ← momentum · v + (1 − dampening) · g
 * (v is g in the first step), θ ← θ − rate · v. Nesterov's form (Sutskever et al., "On the importance of initialization
 * and momentum in deep learning", 2013) moves by g + momentum · v. `weightDecay` · θ is added to g.
 *
 * @throws InvalidInputError for a setting out of its range; Nesterov's form needs momentum and no dampening
 */
export function sgd({
  momentum = 0,
  dampening = 0,
  nesterov = false,
  weightDecay = 0,
}: Partial<Omit<Sgd, "kind">> = {}): Sgd {
  requireNotNegative("momentum", momentum);
  requireNotNegative("weightDecay", weightDecay);
  if (!Number.isFinite(dampening))
    throw new InvalidInputError(`dampening must be a number, not ${dampening}`);
  if (nesterov && (momentum === 0 || dampening !== 0))
    throw new InvalidInputError("Nesterov's momentum needs a momentum above 0 and no dampening");
  return { kind: "sgd", momentum, dampening, nesterov, weightDecay };
}

/** SGD's steps; the velocity takes a slot where there is momentum. */
export function sgdRule({ momentum, dampening, nesterov, weightDecay }: Sgd): UpdateRule {
  return {
    slots: momentum === 0 ? [] : ["velocity"],
    initial: 0,
    apply(kernels, memory, step, learningRate) {
      for (const range of memory.ranges(weightDecay)) {
        const { parameters, gradients, bytes } = range;
        const decay = range.decays ? weightDecay : 0;
        if (momentum === 0) {
          kernels.sgd(parameters, gradients, bytes, learningRate, decay);
          continue;
        }
        kernels.sgdMomentum(
          parameters,
          gradients,
          range.slot(0),
          bytes,
          learningRate,
          decay,
          momentum,
          step === 1 ? 1 : 1 - dampening,
          nesterov ? 1 : 0,
          nesterov ? momentum : 1,
        );
      }
    },
  };
}
