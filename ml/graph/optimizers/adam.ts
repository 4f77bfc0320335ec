import type { Kernels } from "./kernels.ts";
import type { MemoryRange } from "./parameter-memory.ts";
import { requireDecayRate, requireEpsilon, requireNotNegative } from "../../settings.ts";
import type { UpdateRule } from "./update-rule.ts";

/** The settings that Adam and its relatives share. */
export interface AdamSettings {
  /** How much of the running means of gradients and of squared gradients is kept in a step. */
  readonly betas: readonly [number, number];
  /** Keeps the division defined where gradients vanish. */
  readonly eps: number;
  readonly weightDecay: number;
}

/** Adam, as plain data; {@link adam} makes it. */
export interface Adam extends AdamSettings {
  readonly kind: "adam";
}

/** AdamW, as plain data; {@link adamW} makes it. */
export interface AdamW extends AdamSettings {
  readonly kind: "adamW";
}

/**
 * Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1), as `torch.optim.Adam`:
 * `weightDecay` · θ is added to the gradient.
 *
 * @throws InvalidInputError for a setting out of its range
 */
export function adam(settings: Partial<AdamSettings> = {}): Adam {
  return { kind: "adam", ...checkedAdamSettings(settings, { eps: 1e-8, weightDecay: 0 }) };
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2),
 * as `torch.optim.AdamW`: θ is first multiplied by 1 − rate · `weightDecay`.
 *
 * @throws InvalidInputError for a setting out of its range
 */
export function adamW(settings: Partial<AdamSettings> = {}): AdamW {
  return { kind: "adamW", ...checkedAdamSettings(settings, { eps: 1e-8, weightDecay: 0.01 }) };
}

/** Settings with the defaults filled in. Throws InvalidInputError for one out of its range. */
export function checkedAdamSettings(
  settings: Partial<AdamSettings>,
  defaults: Omit<AdamSettings, "betas">,
): AdamSettings {
  const { betas = [0.9, 0.999], eps = defaults.eps, weightDecay = defaults.weightDecay } = settings;
  requireDecayRate("betas[0]", betas[0]);
  requireDecayRate("betas[1]", betas[1]);
  requireEpsilon(eps);
  requireNotNegative("weightDecay", weightDecay);
  return { betas: [betas[0], betas[1]], eps, weightDecay };
}

/** The names of Adam's slots: the running means of gradients and of squared gradients. */
export const adamSlots = ["mean", "square"];

/** Adam's and AdamW's steps. */
export function adamRule(optimizer: Adam | AdamW): UpdateRule {
  const { kind, weightDecay } = optimizer;
  return {
    slots: adamSlots,
    initial: 0,
    apply(kernels, memory, step, learningRate) {
      for (const range of memory.ranges(weightDecay)) {
        const decay = range.decays ? weightDecay : 0;
        const [keep, added] = kind === "adam" ? [1, decay] : [1 - learningRate * decay, 0];
        applyAdam(kernels, range, optimizer, step, learningRate, keep, added);
      }
    },
  };
}

/** One step of Adam on a range: `keep` scales the parameters first, `decay` times them is added to the gradients. */
export function applyAdam(
  kernels: Kernels,
  range: MemoryRange,
  { betas: [beta1, beta2], eps }: AdamSettings,
  step: number,
  learningRate: number,
  keep: number,
  decay: number,
): void {
  kernels.adam(
    range.parameters,
    range.gradients,
    range.slot(0),
    range.slot(1),
    range.bytes,
    learningRate / (1 - beta1 ** step),
    keep,
    decay,
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    1 / Math.sqrt(1 - beta2 ** step),
    eps,
  );
}
