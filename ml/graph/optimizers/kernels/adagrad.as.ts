import { decayed } from "./gradient.as";

/** squares += gradient²; parameter -= rate · gradient / (√squares + eps), where decay is added to the gradient. */
export function adagrad(
  parameters: usize,
  gradients: usize,
  squares: usize,
  bytes: usize,
  rate: f32,
  decay: f32,
  eps: f32,
): void {
  const rates = f32x4.splat(rate);
  const epsilons = f32x4.splat(eps);
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const parameter = v128.load(parameters + offset);
    const gradient = decayed(v128.load(gradients + offset), parameter, decay);
    const square = f32x4.add(v128.load(squares + offset), f32x4.mul(gradient, gradient));
    v128.store(squares + offset, square);
    const divisor = f32x4.add(f32x4.sqrt(square), epsilons);
    v128.store(parameters + offset, f32x4.sub(parameter, f32x4.div(f32x4.mul(rates, gradient), divisor)));
  }
}
