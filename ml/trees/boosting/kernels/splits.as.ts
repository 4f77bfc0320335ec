/**
 * @file The best split of a node among features whose bins are in order.
 *
 * A feature is described by a uint32: its number of bins of values, plus 65536 where bin 255 has missing values,
 * plus 131072 or 262144 where the prediction may only rise or fall with it. What is found is written as float64 gain (the
 * sum of both sides' scores; 0 where there is no split), gradient and second derivative of the left side, then uint32
 * feature, last bin that goes left, and 1 where missing values go left.
 */

/** Writes a split that is better than those before. */
function note(out: usize, gain: f64, left: v128, feature: u32, bin: u32, missingLeft: u32): void {
  store<f64>(out, gain);
  store<f64>(out, f64x2.extract_lane(left, 0), 8);
  store<f64>(out, f64x2.extract_lane(left, 1), 16);
  store<u32>(out, feature, 24);
  store<u32>(out, bin, 28);
  store<u32>(out, missingLeft, 32);
}

/**
 * The sum of squared gradient over second derivative with `lambdas` added, of both sides; -1 unless both have second
 * derivatives of `least` and more.
 */
function gainOf(left: v128, right: v128, lambdas: v128, least: v128): f64 {
  const seconds = v128.shuffle<f64>(left, right, 1, 3);
  if (!i64x2.all_true(f64x2.ge(seconds, least))) return -1;
  const gradients = v128.shuffle<f64>(left, right, 0, 2);
  const scores = f64x2.div(f64x2.mul(gradients, gradients), f64x2.add(seconds, lambdas));
  return f64x2.extract_lane(scores, 0) + f64x2.extract_lane(scores, 1);
}

/** Whether both sides have second derivatives of `least` and more. */
function isHeavy(left: v128, right: v128, least: f64): bool {
  return f64x2.extract_lane(left, 1) >= least && f64x2.extract_lane(right, 1) >= least;
}

/**
 * Writes to `out` the split with the largest gain above `floor`: the first of equals. `features` are uint32 numbers,
 * `count` of them; `about` describes all.
 */
export function bestSplit(
  sums: usize,
  features: usize,
  count: usize,
  about: usize,
  gradient: f64,
  second: f64,
  lambda: f64,
  minChildWeight: f64,
  floor: f64,
  out: usize,
): void {
  const total = f64x2(gradient, second);
  const lambdas = f64x2.splat(lambda);
  const least = f64x2.splat(minChildWeight);
  const zero = f64x2.splat(0);
  let best = floor;
  note(out, 0, zero, 0, 0, 0);
  for (let at: usize = 0; at < count; at++) {
    const feature = load<u32>(features + (at << 2));
    const description = load<u32>(about + ((<usize>feature) << 2));
    const bins = <usize>(description & 65535);
    const base = sums + <usize>feature * 4160;
    const hasMissing = (description & 65536) != 0;
    const missing = hasMissing ? v128.load(base, 4080) : zero;
    const bothWays = hasMissing && v128.any_true(missing);
    const last = bothWays ? bins : bins - 1;
    let left = zero;
    for (let bin: usize = 0; bin < last; bin++) {
      const here = v128.load(base + (bin << 4));
      // The same split as one bin before.
      if (!v128.any_true(here)) continue;
      left = f64x2.add(left, here);
      let right = f64x2.sub(total, left);
      const gain = gainOf(left, right, lambdas, least);
      if (gain > best) {
        best = gain;
        note(out, gain, left, feature, <u32>bin, 0);
      }
      if (!bothWays) {
        if (f64x2.extract_lane(right, 1) < minChildWeight) break;
        continue;
      }
      const withMissing = f64x2.add(left, missing);
      right = f64x2.sub(total, withMissing);
      const other = bin < bins - 1 ? gainOf(withMissing, right, lambdas, least) : -1;
      if (other > best) {
        best = other;
        note(out, other, withMissing, feature, <u32>bin, 1);
      }
    }
  }
}

/** The value of a leaf: `bounds` are the least and the most that it may be. */
function valueOf(side: v128, lambda: f64, alpha: f64, low: f64, high: f64): f64 {
  const gradient = f64x2.extract_lane(side, 0);
  const shrunk = gradient > alpha ? gradient - alpha : gradient < -alpha ? gradient + alpha : 0;
  return max(low, min(high, -shrunk / (f64x2.extract_lane(side, 1) + lambda)));
}

/** How much a leaf of that value takes off the objective, twice. */
function scoreOf(side: v128, value: f64, lambda: f64, alpha: f64): f64 {
  const gradient = f64x2.extract_lane(side, 0);
  const second = f64x2.extract_lane(side, 1) + lambda;
  return -(2 * gradient * value + second * value * value + 2 * alpha * abs(value));
}

/** Tries one split; gives its gain, or -Infinity where it isn't allowed. */
function boundedGain(
  left: v128,
  right: v128,
  lambda: f64,
  alpha: f64,
  least: f64,
  low: f64,
  high: f64,
  description: u32,
): f64 {
  if (!isHeavy(left, right, least)) return -Infinity;
  const leftValue = valueOf(left, lambda, alpha, low, high);
  const rightValue = valueOf(right, lambda, alpha, low, high);
  if ((description & 131072) != 0 && leftValue > rightValue) return -Infinity;
  if ((description & 262144) != 0 && leftValue < rightValue) return -Infinity;
  return scoreOf(left, leftValue, lambda, alpha) + scoreOf(right, rightValue, lambda, alpha);
}

/** As {@link bestSplit}, with L1 regularisation, leaves held within bounds, and directions that must hold. */
export function bestBoundedSplit(
  sums: usize,
  features: usize,
  count: usize,
  about: usize,
  gradient: f64,
  second: f64,
  lambda: f64,
  minChildWeight: f64,
  floor: f64,
  out: usize,
  alpha: f64,
  low: f64,
  high: f64,
): void {
  const total = f64x2(gradient, second);
  const zero = f64x2.splat(0);
  let best = floor;
  note(out, 0, zero, 0, 0, 0);
  for (let at: usize = 0; at < count; at++) {
    const feature = load<u32>(features + (at << 2));
    const description = load<u32>(about + ((<usize>feature) << 2));
    const bins = <usize>(description & 65535);
    const base = sums + <usize>feature * 4160;
    const missing = (description & 65536) != 0 ? v128.load(base, 4080) : zero;
    const bothWays = v128.any_true(missing);
    const last = bothWays ? bins : bins - 1;
    let left = zero;
    for (let bin: usize = 0; bin < last; bin++) {
      const here = v128.load(base + (bin << 4));
      if (!v128.any_true(here)) continue;
      left = f64x2.add(left, here);
      const right = f64x2.sub(total, left);
      const gain = boundedGain(left, right, lambda, alpha, minChildWeight, low, high, description);
      if (gain > best) {
        best = gain;
        note(out, gain, left, feature, <u32>bin, 0);
      }
      if (!bothWays || bin == bins - 1) continue;
      const withMissing = f64x2.add(left, missing);
      const others = f64x2.sub(total, withMissing);
      const other = boundedGain(withMissing, others, lambda, alpha, minChildWeight, low, high, description);
      if (other > best) {
        best = other;
        note(out, other, withMissing, feature, <u32>bin, 1);
      }
    }
  }
}
