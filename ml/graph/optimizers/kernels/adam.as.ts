import { decayed } from "./gradient.as";

/**
 * Adam and AdamW. `decay` adds to the gradient, `keep` scales the parameter before it moves. `rate` holds the mean's
 * bias correction, `squareScale` is one over the root of the squares'; `fresh1` and `fresh2` are one less beta.
 */
export function adam(
  parameters: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  bytes: usize,
  rate: f32,
  keep: f32,
  decay: f32,
  beta1: f32,
  fresh1: f32,
  beta2: f32,
  fresh2: f32,
  squareScale: f32,
  eps: f32,
): void {
  const rates = f32x4.splat(rate);
  const keeps = f32x4.splat(keep);
  const betas1 = f32x4.splat(beta1);
  const freshs1 = f32x4.splat(fresh1);
  const betas2 = f32x4.splat(beta2);
  const freshs2 = f32x4.splat(fresh2);
  const squareScales = f32x4.splat(squareScale);
  const epsilons = f32x4.splat(eps);
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const parameter = v128.load(parameters + offset);
    const gradient = decayed(v128.load(gradients + offset), parameter, decay);
    const mean = f32x4.add(f32x4.mul(betas1, v128.load(means + offset)), f32x4.mul(freshs1, gradient));
    const square = f32x4.add(
      f32x4.mul(betas2, v128.load(squares + offset)),
      f32x4.mul(freshs2, f32x4.mul(gradient, gradient)),
    );
    v128.store(means + offset, mean);
    v128.store(squares + offset, square);
    const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(square), squareScales), epsilons);
    v128.store(
      parameters + offset,
      f32x4.sub(f32x4.mul(keeps, parameter), f32x4.div(f32x4.mul(rates, mean), divisor)),
    );
  }
}
