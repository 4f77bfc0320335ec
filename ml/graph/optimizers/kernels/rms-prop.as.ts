import { decayed } from "./gradient.as";

/**
 * RMSProp. With `centered` the squared running mean is taken off the squares' (not below zero, where rounding would put
 * it); with `momentum` the quotients go through a velocity. Slots that are not used are not touched.
 */
export function rmsProp(
  parameters: usize,
  gradients: usize,
  squares: usize,
  means: usize,
  velocities: usize,
  bytes: usize,
  rate: f32,
  decay: f32,
  alpha: f32,
  fresh: f32,
  eps: f32,
  momentum: f32,
  centered: bool,
): void {
  const rates = f32x4.splat(rate);
  const alphas = f32x4.splat(alpha);
  const freshs = f32x4.splat(fresh);
  const epsilons = f32x4.splat(eps);
  const momenta = f32x4.splat(momentum);
  const zeros = f32x4.splat(0);
  const hasMomentum = momentum > 0;
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const parameter = v128.load(parameters + offset);
    const gradient = decayed(v128.load(gradients + offset), parameter, decay);
    const square = f32x4.add(
      f32x4.mul(alphas, v128.load(squares + offset)),
      f32x4.mul(freshs, f32x4.mul(gradient, gradient)),
    );
    v128.store(squares + offset, square);
    let spread = square;
    if (centered) {
      const mean = f32x4.add(f32x4.mul(alphas, v128.load(means + offset)), f32x4.mul(freshs, gradient));
      v128.store(means + offset, mean);
      spread = f32x4.pmax(zeros, f32x4.sub(square, f32x4.mul(mean, mean)));
    }
    let direction = f32x4.div(gradient, f32x4.add(f32x4.sqrt(spread), epsilons));
    if (hasMomentum) {
      direction = f32x4.add(f32x4.mul(momenta, v128.load(velocities + offset)), direction);
      v128.store(velocities + offset, direction);
    }
    v128.store(parameters + offset, f32x4.sub(parameter, f32x4.mul(rates, direction)));
  }
}
