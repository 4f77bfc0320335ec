import { adamSlots, applyAdam, checkedAdamSettings, type AdamSettings } from "./adam.ts";
import type { UpdateRule } from "./update-rule.ts";

/** LAMB, as plain data; {@link lamb} makes it. */
export interface Lamb extends AdamSettings {
  readonly kind: "lamb";
}

/**
 * LAMB (You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", 2019, algorithm 2, with φ the
 * identity): r = m̂ / (√v̂ + eps) + `weightDecay` · θ, θ ← θ − rate · ‖θ‖ / ‖r‖ · r for each parameter; the ratio is 1 where
 * one of the norms is 0. As in the authors' implementation, parameters that do not decay (biases, norms) are not scaled by
 * their norm either: they move as in Adam. PyTorch has no LAMB; `eps` is the authors' 1e-6, `weightDecay` their 0.01.
 *
 * @throws InvalidInputError for a setting out of its range
 */
export function lamb(settings: Partial<AdamSettings> = {}): Lamb {
  return { kind: "lamb", ...checkedAdamSettings(settings, { eps: 1e-6, weightDecay: 0.01 }) };
}

/** LAMB's steps. */
export function lambRule(optimizer: Lamb): UpdateRule {
  const {
    betas: [beta1, beta2],
    eps,
    weightDecay,
  } = optimizer;
  return {
    slots: adamSlots,
    initial: 0,
    apply(kernels, memory, step, learningRate) {
      const meanScale = 1 / (1 - beta1 ** step);
      const squareScale = 1 / Math.sqrt(1 - beta2 ** step);
      for (const range of memory.each) {
        if (!range.decays) continue;
        const { parameters, gradients, bytes } = range;
        const [means, squares] = [range.slot(0), range.slot(1)];
        const length = Math.sqrt(kernels.sumOfSquares(parameters, bytes));
        const directionLength = Math.sqrt(
          kernels.lambMoments(
            parameters,
            gradients,
            means,
            squares,
            bytes,
            weightDecay,
            beta1,
            1 - beta1,
            beta2,
            1 - beta2,
            meanScale,
            squareScale,
            eps,
          ),
        );
        const ratio = length > 0 && directionLength > 0 ? length / directionLength : 1;
        const rate = learningRate * ratio;
        kernels.lambMove(parameters, means, squares, bytes, rate, weightDecay, meanScale, squareScale, eps);
      }
      applyAdam(kernels, memory.groups[1], optimizer, step, learningRate, 1, 0);
    },
  };
}
