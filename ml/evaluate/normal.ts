/** @file The standard normal distribution in double precision. */
import { upperGamma } from "../features/selection/special-functions.ts";

/** The density at a point. */
export function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
}

/** The probability above a point: half the incomplete gamma function Q(1/2, z²/2) (DLMF 7.11.2). */
export function normalAbove(z: number): number {
  const tail = 0.5 * upperGamma(0.5, 0.5 * z * z);
  return z >= 0 ? tail : 1 - tail;
}

/** The probability below a point. */
export function normalBelow(z: number): number {
  return normalAbove(-z);
}

/** The two-sided p-value of a standardized difference. */
export function twoSided(z: number): number {
  return Math.min(1, 2 * normalAbove(Math.abs(z)));
}

const center = [2.506_628_238_84, -18.615_000_625_29, 41.391_197_735_34, -25.441_060_496_37] as const;
const centerBelow = [-8.473_510_930_9, 23.083_367_437_43, -21.062_241_018_26, 3.130_829_098_33] as const;
const outer = [
  0.337_475_482_272_614_7, 0.976_169_019_091_718_6, 0.160_797_971_491_820_9, 0.027_643_881_033_386_3,
  0.003_840_572_937_360_9, 0.000_395_189_651_191_9, 0.000_032_176_788_176_8, 0.000_000_288_816_736_4,
  0.000_000_396_031_518_7,
] as const;

/**
 * The point below which a given probability lies: Moro's approximation ("The full Monte", 1995), refined to double
 * precision by Halley's method on {@link normalBelow}.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    if (probability === 0) return Number.NEGATIVE_INFINITY;
    return probability === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  }
  let z = approximateQuantile(probability);
  for (let step = 0; step < 3; step++) {
    const error = probability < 0.5 ? normalBelow(z) - probability : 1 - probability - normalAbove(z);
    const correction = error / normalDensity(z);
    z -= correction / (1 + 0.5 * z * correction);
  }
  return z;
}

function approximateQuantile(probability: number): number {
  const y = probability - 0.5;
  if (Math.abs(y) < 0.42) {
    const r = y * y;
    const above = center.reduceRight((sum, each) => sum * r + each, 0);
    return (y * above) / (1 + r * centerBelow.reduceRight((sum, each) => sum * r + each, 0));
  }
  const r = Math.log(-Math.log(y > 0 ? 1 - probability : probability));
  const size = outer.reduceRight((sum, each) => sum * r + each, 0);
  return y > 0 ? size : -size;
}
