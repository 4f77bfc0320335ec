/** @file The quantile function of the normal distribution as a tensor program. */
import { reciprocal, where } from "../graph/functions/elementwise.ts";
import type { Tensor } from "../graph/tensor.ts";

/** Coefficients of rational functions, from the highest power down. */
const central = {
  top: [
    -59.963_350_101_410_79, 98.001_075_418_599_97, -56.676_285_746_907_03, 13.931_260_938_727_958,
    -1.239_165_838_673_812_7,
  ],
  bottom: [
    1, 1.954_488_583_381_417_6, 4.676_279_128_988_815, 86.360_242_139_089_05, -225.462_687_854_119_37,
    200.260_212_380_060_66, -82.037_225_616_833_34, 15.905_622_512_621_171, -1.183_316_211_213_300_2,
  ],
};
const tail = {
  top: [
    4.055_448_923_059_625, 31.525_109_459_989_39, 57.162_819_224_642_13, 44.080_507_389_320_08,
    14.684_956_192_885_801, 2.186_633_068_507_902_5, -0.1402560791713545, -0.03504246268278482,
    -0.0008574567851546854,
  ],
  bottom: [
    1, 15.779_988_325_646_675, 45.390_763_512_887_92, 41.317_203_825_467_2, 15.042_538_569_290_75,
    2.504_649_462_083_094, -0.14218292285478779, -0.03808064076915783, -0.0009332594808954574,
  ],
};

/** From this distance to the ends on, the approximation for the tails holds. */
const tailFrom = Math.exp(-2);

/**
 * The value below which a normally distributed number lies with probability `p` (float64), to some 1e-15 for `p` from
 * 1e-13 to 1 - 1e-13. Nearer to 0 and 1 it is limited. Rational approximations of Moshier's Cephes library (`ndtri`).
 */
export function normalQuantile(p: Tensor): Tensor {
  const isUpper = p.greater(0.5);
  const smaller = where(isUpper, p.neg().add(1), p);
  const positive = where(smaller.less(1e-13), 1e-13, smaller);
  const y = positive.sub(0.5);
  const y2 = y.mul(y);
  const middle = y.add(y.mul(y2).mul(rational(y2, central))).mul(Math.sqrt(2 * Math.PI));
  const x = positive.log().mul(-2).sqrt();
  const z = reciprocal(where(x.greater(0), x, 1));
  const outside = x
    .sub(x.log().mul(z))
    .sub(z.mul(rational(z, tail)))
    .neg();
  const lower = where(positive.greater(tailFrom), middle, outside);
  return where(isUpper, lower.neg(), lower);
}

function rational(
  x: Tensor,
  { top, bottom }: { readonly top: readonly number[]; readonly bottom: readonly number[] },
): Tensor {
  const evaluate = (coefficients: readonly number[]): Tensor =>
    coefficients.reduce((sum, coefficient) => sum.mul(x).add(coefficient), x.mul(0));
  return evaluate(top).div(evaluate(bottom));
}
