import { addSquares, total } from "./gradient.as";

/** LAMB's direction: the corrected mean over the root of the corrected squares, with the decay added. */
function direction(
  mean: v128,
  square: v128,
  parameter: v128,
  meanScales: v128,
  squareScales: v128,
  epsilons: v128,
  decays: v128,
): v128 {
  const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(square), squareScales), epsilons);
  return f32x4.add(f32x4.div(f32x4.mul(mean, meanScales), divisor), f32x4.mul(decays, parameter));
}

/** Updates one parameter's running means; returns the sum of squares of the direction it is about to move in. */
export function lambMoments(
  parameters: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  bytes: usize,
  decay: f32,
  beta1: f32,
  fresh1: f32,
  beta2: f32,
  fresh2: f32,
  meanScale: f32,
  squareScale: f32,
  eps: f32,
): f64 {
  const decays = f32x4.splat(decay);
  const betas1 = f32x4.splat(beta1);
  const freshs1 = f32x4.splat(fresh1);
  const betas2 = f32x4.splat(beta2);
  const freshs2 = f32x4.splat(fresh2);
  const meanScales = f32x4.splat(meanScale);
  const squareScales = f32x4.splat(squareScale);
  const epsilons = f32x4.splat(eps);
  let sums = f64x2.splat(0);
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const gradient = v128.load(gradients + offset);
    const mean = f32x4.add(f32x4.mul(betas1, v128.load(means + offset)), f32x4.mul(freshs1, gradient));
    const square = f32x4.add(
      f32x4.mul(betas2, v128.load(squares + offset)),
      f32x4.mul(freshs2, f32x4.mul(gradient, gradient)),
    );
    v128.store(means + offset, mean);
    v128.store(squares + offset, square);
    const parameter = v128.load(parameters + offset);
    sums = addSquares(sums, direction(mean, square, parameter, meanScales, squareScales, epsilons, decays));
  }
  return total(sums);
}

/** Moves one parameter; its direction is computed again, which takes less than keeping it would. */
export function lambMove(
  parameters: usize,
  means: usize,
  squares: usize,
  bytes: usize,
  rate: f32,
  decay: f32,
  meanScale: f32,
  squareScale: f32,
  eps: f32,
): void {
  const rates = f32x4.splat(rate);
  const decays = f32x4.splat(decay);
  const meanScales = f32x4.splat(meanScale);
  const squareScales = f32x4.splat(squareScale);
  const epsilons = f32x4.splat(eps);
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const parameter = v128.load(parameters + offset);
    const step = direction(
      v128.load(means + offset),
      v128.load(squares + offset),
      parameter,
      meanScales,
      squareScales,
      epsilons,
      decays,
    );
    v128.store(parameters + offset, f32x4.sub(parameter, f32x4.mul(rates, step)));
  }
}
