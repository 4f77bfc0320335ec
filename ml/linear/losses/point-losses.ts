/** @file Losses of one margin. Classes are 1 and −1. */
import type { PointLoss } from "./margin-loss.ts";

/** Half the Poisson deviance with the log link, less what doesn't depend on the margin (McCullagh and Nelder 1989). */
export const poissonLoss: PointLoss = {
  value: (margin, target) => Math.exp(margin) - target * margin,
  slope: (margin, target) => Math.exp(margin) - target,
  curvature: (margin) => Math.exp(margin),
};

/** Half the Gamma deviance with the log link, less what doesn't depend on the margin (McCullagh and Nelder 1989). */
export const gammaLoss: PointLoss = {
  value: (margin, target) => margin + target * Math.exp(-margin),
  slope: (margin, target) => 1 - target * Math.exp(-margin),
  curvature: (margin, target) => target * Math.exp(-margin),
};

/** `max(0, 1 - y m)²` (liblinear's L2-loss of classification). */
export const squaredHingeLoss: PointLoss = {
  value: (margin, target) => Math.max(0, 1 - target * margin) ** 2,
  slope: (margin, target) => -2 * target * Math.max(0, 1 - target * margin),
  curvature: (margin, target) => (target * margin < 1 ? 2 : 0),
};

/** `max(0, |y - m| - epsilon)²` (liblinear's L2-loss of regression). */
export function squaredEpsilonLoss(epsilon: number): PointLoss {
  return {
    value: (margin, target) => Math.max(0, Math.abs(margin - target) - epsilon) ** 2,
    slope: (margin, target) =>
      2 * Math.sign(margin - target) * Math.max(0, Math.abs(margin - target) - epsilon),
    curvature: (margin, target) => (Math.abs(margin - target) > epsilon ? 2 : 0),
  };
}
