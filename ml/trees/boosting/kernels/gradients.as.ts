/**
 * @file Gradients and second derivatives of the losses by the score, as pairs of float32. `count` is a multiple of 4;
 * `weights` is 0 where all rows count the same. The logistic, Poisson and softmax forms are XGBoost's.
 */
import { exp } from "./exp.as";

/** Weights of four rows. */
function weightsAt(weights: usize, at: usize): v128 {
  return weights == 0 ? f32x4.splat(1) : v128.load(weights + at);
}

/** Stores four pairs. */
function storePairs(to: usize, gradient: v128, second: v128): void {
  v128.store(to, v128.shuffle<f32>(gradient, second, 0, 4, 1, 5));
  v128.store(to, v128.shuffle<f32>(gradient, second, 2, 6, 3, 7), 16);
}

/** (score - target)² / 2. */
export function squaredErrorPairs(
  scores: usize,
  targets: usize,
  weights: usize,
  count: usize,
  pairs: usize,
): void {
  for (let at: usize = 0; at < count << 2; at += 16) {
    const weight = weightsAt(weights, at);
    const error = f32x4.sub(v128.load(scores + at), v128.load(targets + at));
    storePairs(pairs + (at << 1), f32x4.mul(error, weight), weight);
  }
}

/** Log-loss of the logistic function of the score; targets are 0 and 1. */
export function logisticPairs(
  scores: usize,
  targets: usize,
  weights: usize,
  count: usize,
  pairs: usize,
): void {
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < count << 2; at += 16) {
    const weight = weightsAt(weights, at);
    const probability = f32x4.div(one, f32x4.add(one, exp(f32x4.neg(v128.load(scores + at)))));
    const second = f32x4.pmax(f32x4.mul(probability, f32x4.sub(one, probability)), f32x4.splat(1e-16));
    const gradient = f32x4.sub(probability, v128.load(targets + at));
    storePairs(pairs + (at << 1), f32x4.mul(gradient, weight), f32x4.mul(second, weight));
  }
}

/** exp(score) - target * score; `raise` is exp(maxDeltaStep). */
export function poissonPairs(
  scores: usize,
  targets: usize,
  weights: usize,
  count: usize,
  pairs: usize,
  raise: f32,
): void {
  for (let at: usize = 0; at < count << 2; at += 16) {
    const weight = weightsAt(weights, at);
    const mean = exp(v128.load(scores + at));
    const gradient = f32x4.sub(mean, v128.load(targets + at));
    const second = f32x4.mul(mean, f32x4.splat(raise));
    storePairs(pairs + (at << 1), f32x4.mul(gradient, weight), f32x4.mul(second, weight));
  }
}

/** The pinball loss of a quantile; the second derivative is taken to be 1. */
export function quantilePairs(
  scores: usize,
  targets: usize,
  weights: usize,
  count: usize,
  pairs: usize,
  alpha: f32,
): void {
  for (let at: usize = 0; at < count << 2; at += 16) {
    const weight = weightsAt(weights, at);
    const isBelow = f32x4.lt(v128.load(scores + at), v128.load(targets + at));
    const gradient = v128.bitselect(f32x4.splat(-alpha), f32x4.splat(1 - alpha), isBelow);
    storePairs(pairs + (at << 1), f32x4.mul(gradient, weight), weight);
  }
}

/**
 * Log-loss of the softmax of `classes` scores. Class k's scores start `k * scoreBytes` behind the first's and its pairs
 * `k * pairBytes`; targets are the classes' numbers.
 */
export function softmaxPairs(
  scores: usize,
  targets: usize,
  weights: usize,
  count: usize,
  pairs: usize,
  classes: i32,
  scoreBytes: usize,
  pairBytes: usize,
): void {
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < count << 2; at += 16) {
    const weight = weightsAt(weights, at);
    const target = v128.load(targets + at);
    let most = v128.load(scores + at);
    for (let k: usize = 1; k < <usize>classes; k++) {
      most = f32x4.pmax(most, v128.load(scores + at + k * scoreBytes));
    }
    let sum = f32x4.splat(0);
    for (let k: usize = 0; k < <usize>classes; k++) {
      const power = exp(f32x4.sub(v128.load(scores + at + k * scoreBytes), most));
      sum = f32x4.add(sum, power);
      v128.store(pairs + (at << 1) + k * pairBytes, power);
    }
    for (let k: usize = 0; k < <usize>classes; k++) {
      const to = pairs + (at << 1) + k * pairBytes;
      const probability = f32x4.div(v128.load(to), sum);
      const isTarget = f32x4.eq(target, f32x4.splat(<f32>k));
      const gradient = f32x4.sub(probability, v128.and(isTarget, one));
      const second = f32x4.pmax(
        f32x4.mul(f32x4.splat(2), f32x4.mul(probability, f32x4.sub(one, probability))),
        f32x4.splat(1e-16),
      );
      storePairs(to, f32x4.mul(gradient, weight), f32x4.mul(second, weight));
    }
  }
}
