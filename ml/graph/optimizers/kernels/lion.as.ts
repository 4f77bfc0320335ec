/**
 * Lion: the parameter, scaled by `keep`, moves by `rate` against the sign of beta1 · mean + fresh1 · gradient (not at all
 * where that is zero); the mean is then updated with beta2 and fresh2.
 */
export function lion(
  parameters: usize,
  gradients: usize,
  means: usize,
  bytes: usize,
  rate: f32,
  keep: f32,
  beta1: f32,
  fresh1: f32,
  beta2: f32,
  fresh2: f32,
): void {
  const rates = f32x4.splat(rate);
  const keeps = f32x4.splat(keep);
  const betas1 = f32x4.splat(beta1);
  const freshs1 = f32x4.splat(fresh1);
  const betas2 = f32x4.splat(beta2);
  const freshs2 = f32x4.splat(fresh2);
  const zeros = f32x4.splat(0);
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const gradient = v128.load(gradients + offset);
    const mean = v128.load(means + offset);
    const mixed = f32x4.add(f32x4.mul(betas1, mean), f32x4.mul(freshs1, gradient));
    const down = v128.and(f32x4.gt(mixed, zeros), rates);
    const up = v128.and(f32x4.lt(mixed, zeros), rates);
    const kept = f32x4.mul(keeps, v128.load(parameters + offset));
    v128.store(parameters + offset, f32x4.add(f32x4.sub(kept, down), up));
    v128.store(means + offset, f32x4.add(f32x4.mul(betas2, mean), f32x4.mul(freshs2, gradient)));
  }
}
