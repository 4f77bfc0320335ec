import { decayed } from "./gradient.as";

/** parameter -= rate · (gradient + decay · parameter) */
export function sgd(parameters: usize, gradients: usize, bytes: usize, rate: f32, decay: f32): void {
  const rates = f32x4.splat(rate);
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const parameter = v128.load(parameters + offset);
    const gradient = decayed(v128.load(gradients + offset), parameter, decay);
    v128.store(parameters + offset, f32x4.sub(parameter, f32x4.mul(rates, gradient)));
  }
}

/**
 * velocity = momentum · velocity + gain · gradient, where decay is added to the gradient; the parameter moves against
 * gradientShare · gradient + velocityShare · velocity, which is 0 and 1, or 1 and momentum for Nesterov's form.
 */
export function sgdMomentum(
  parameters: usize,
  gradients: usize,
  velocities: usize,
  bytes: usize,
  rate: f32,
  decay: f32,
  momentum: f32,
  gain: f32,
  gradientShare: f32,
  velocityShare: f32,
): void {
  const rates = f32x4.splat(rate);
  const momenta = f32x4.splat(momentum);
  const gains = f32x4.splat(gain);
  const gradientShares = f32x4.splat(gradientShare);
  const velocityShares = f32x4.splat(velocityShare);
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const parameter = v128.load(parameters + offset);
    const gradient = decayed(v128.load(gradients + offset), parameter, decay);
    const velocity = f32x4.add(
      f32x4.mul(momenta, v128.load(velocities + offset)),
      f32x4.mul(gains, gradient),
    );
    v128.store(velocities + offset, velocity);
    const direction = f32x4.add(f32x4.mul(gradientShares, gradient), f32x4.mul(velocityShares, velocity));
    v128.store(parameters + offset, f32x4.sub(parameter, f32x4.mul(rates, direction)));
  }
}
