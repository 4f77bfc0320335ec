/**
 * @file The losses of stochastic gradient descent, by scikit-learn's names and definitions. Classes are 1 and −1; `epsilon`
 * is where `huber` becomes linear and what the insensitive ones overlook.
 */
import type { ClassLink } from "../linear-function.ts";
import { squaredEpsilonLoss, squaredHingeLoss } from "./point-losses.ts";
import type { PointLoss } from "./margin-loss.ts";

/** A loss with its slope. */
export type DescentLoss = Pick<PointLoss, "value" | "slope">;

/** Losses of numbers. */
export const regressionLosses = [
  "squaredError",
  "huber",
  "epsilonInsensitive",
  "squaredEpsilonInsensitive",
] as const;
export type RegressionLoss = (typeof regressionLosses)[number];

/** Losses of classes; those of numbers are of the distance from 1 or −1. */
export const classLosses = [
  "hinge",
  "logLoss",
  "modifiedHuber",
  "squaredHinge",
  "perceptron",
  ...regressionLosses,
] as const;
export type ClassLoss = (typeof classLosses)[number];

const fixed = {
  hinge: {
    value: (margin, target) => Math.max(0, 1 - target * margin),
    slope: (margin, target) => (target * margin <= 1 ? -target : 0),
  },
  perceptron: {
    value: (margin, target) => Math.max(0, -target * margin),
    slope: (margin, target) => (target * margin <= 0 ? -target : 0),
  },
  logLoss: {
    value: (margin, target) => {
      const signed = target * margin;
      return Math.log1p(Math.exp(-Math.abs(signed))) + Math.max(0, -signed);
    },
    slope: (margin, target) => -target / (Math.exp(target * margin) + 1),
  },
  // Zhang, "Solving large scale linear prediction problems using stochastic gradient descent", 2004.
  modifiedHuber: {
    value: (margin, target) => {
      const signed = target * margin;
      return signed >= -1 ? Math.max(0, 1 - signed) ** 2 : -4 * signed;
    },
    slope: (margin, target) => {
      const signed = target * margin;
      return signed >= -1 ? -2 * target * Math.max(0, 1 - signed) : -4 * target;
    },
  },
  squaredHinge: squaredHingeLoss,
  squaredError: {
    value: (margin, target) => (margin - target) ** 2 / 2,
    slope: (margin, target) => margin - target,
  },
} as const satisfies Readonly<Record<string, DescentLoss>>;

/** A loss by its name. */
export function descentLoss(name: ClassLoss, epsilon: number): DescentLoss {
  if (name === "huber") return huber(epsilon);
  if (name === "squaredEpsilonInsensitive") return squaredEpsilonLoss(epsilon);
  if (name === "epsilonInsensitive")
    return {
      value: (margin, target) => Math.max(0, Math.abs(margin - target) - epsilon),
      slope: (margin, target) => (Math.abs(margin - target) > epsilon ? Math.sign(margin - target) : 0),
    };
  return fixed[name];
}

/** How margins that were learnt with a loss become probabilities. */
export function linkOf(name: ClassLoss): ClassLink {
  return name === "modifiedHuber" ? "clipped" : "sigmoid";
}

function huber(epsilon: number): DescentLoss {
  return {
    value: (margin, target) => {
      const distance = Math.abs(margin - target);
      return distance <= epsilon ? distance ** 2 / 2 : epsilon * distance - epsilon ** 2 / 2;
    },
    slope: (margin, target) => Math.max(-epsilon, Math.min(epsilon, margin - target)),
  };
}
