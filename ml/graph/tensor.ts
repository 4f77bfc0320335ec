/**
 * @file Typed tensors: a value of a program with its shape and element type known to the compiler.
 *
 * A tensor is lazy: operations describe a program, {@link Tensor.data} runs it. Methods are what is chained; functions
 * that take several tensors or many settings stand in `functions/`.
 */
import type { DataOf, DType, FloatDType } from "./dtype.ts";
import { GraphError } from "./errors.ts";
import { evaluate } from "./evaluate.ts";
import * as activations from "./ops/activations.ts";
import { cumprod, cumsum } from "./ops/cumulative.ts";
import * as elementwise from "./ops/elementwise.ts";
import * as exponentials from "./ops/exponentials.ts";
import { matmul } from "./ops/matmul.ts";
import * as reductions from "./ops/reduce.ts";
import * as rounding from "./ops/rounding.ts";
import * as shapes from "./ops/shape-ops.ts";
import { logSoftmax, softmax } from "./ops/softmax.ts";
import * as statistics from "./ops/statistics.ts";
import type { Correction } from "./ops/statistics.ts";
import * as trigonometry from "./ops/trigonometry.ts";
import type {
  Axes,
  Broadcastable,
  ExistingAxes,
  MatrixBatch,
  Permuted,
  Reduced,
  Reshaped,
  Stretched,
} from "./shape-types.ts";
import { showShape, type Dimension, type Shape } from "./shape.ts";
import type { TensorData } from "./runtime/tensor-data.ts";
import { resolve, type Value } from "./value.ts";
import "./operators/index.ts";

/** Elements as arrays in arrays, as deep as the tensor has axes. */
export type NestedArray = number | bigint | boolean | string | readonly NestedArray[];

/**
 * A tensor of a shape and element type. `Tensor` alone is the tensor of unknown shape and type: it can be given and taken
 * everywhere, and is checked when the program is traced.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- the unknown shape and type
export class Tensor<S extends Shape = any, D extends DType = any> implements Disposable {
  /** @internal What computes it. */
  readonly value: Value;

  /** @internal Use {@link tensor} and the like. */
  constructor(value: Value) {
    this.value = value;
  }

  /** The sizes of its axes, outermost first. */
  get shape(): S {
    // SAFETY: the operations' types follow the rules by which shapes are inferred.
    return this.value.shape as S;
  }

  /** The type of its elements. */
  get dtype(): D {
    // SAFETY: as for the shape.
    return this.value.dtype as D;
  }

  // Running

  /**
   * The elements in row-major order: runs what is needed, once.
   * @throws {@link GraphError} where the program needs inputs that are not known
   */
  async data(): Promise<DataOf<D>> {
    // SAFETY: the runtime gives the array that belongs to the element type.
    return (await this.toData()).data as DataOf<D>;
  }

  /** The elements with type and shape. */
  async toData(): Promise<TensorData> {
    const [data] = await evaluate([this.value]);
    if (!data) throw new GraphError("nothing was computed");
    return data;
  }

  /** The one element of a tensor that has one. */
  async item(): Promise<number> {
    const { data, shape } = await this.toData();
    if (data.length !== 1) throw new GraphError(`item() is of one element, not of shape ${showShape(shape)}`);
    return Number(data[0]);
  }

  /** Frees what a runtime keeps of it, at once instead of when it is garbage; it can't be used any more. */
  [Symbol.dispose](): void {
    const { source } = resolve(this.value);
    if (source.kind === "stored") source.stored[Symbol.dispose]();
  }

  // Arithmetic

  /** `this + other`, broadcast. */
  add<const B extends Shape = readonly []>(other: number | Other<S, B, D>): Tensor<Stretched<S, B>, D> {
    return new Tensor(elementwise.add(this.value, operand(other)));
  }

  /** `this - other`, broadcast. */
  sub<const B extends Shape = readonly []>(other: number | Other<S, B, D>): Tensor<Stretched<S, B>, D> {
    return new Tensor(elementwise.subtract(this.value, operand(other)));
  }

  /** `this · other`, element by element, broadcast. */
  mul<const B extends Shape = readonly []>(other: number | Other<S, B, D>): Tensor<Stretched<S, B>, D> {
    return new Tensor(elementwise.multiply(this.value, operand(other)));
  }

  /** `this / other`, broadcast; of integers, rounded towards zero. */
  div<const B extends Shape = readonly []>(other: number | Other<S, B, D>): Tensor<Stretched<S, B>, D> {
    return new Tensor(elementwise.divide(this.value, operand(other)));
  }

  /** `this` to a power, broadcast. */
  pow<const B extends Shape = readonly []>(exponent: number | Other<S, B, D>): Tensor<Stretched<S, B>, D> {
    return new Tensor(elementwise.power(this.value, operand(exponent)));
  }

  /** `-this`. */
  neg(): Tensor<S, D> {
    return new Tensor(elementwise.negate(this.value));
  }

  /** `|this|`. */
  abs(): Tensor<S, D> {
    return new Tensor(elementwise.abs(this.value));
  }

  /** `this²`. */
  square(): Tensor<S, D> {
    return new Tensor(elementwise.square(this.value));
  }

  /** The square root. */
  sqrt(): Tensor<S, D> {
    return new Tensor(elementwise.sqrt(this.value));
  }

  /** `e` to the power `this`. */
  exp(): Tensor<S, D> {
    return new Tensor(elementwise.exp(this.value));
  }

  /** The natural logarithm. */
  log(): Tensor<S, D> {
    return new Tensor(elementwise.log(this.value));
  }

  /** `1 / this`. */
  reciprocal(): Tensor<S, D> {
    return new Tensor(elementwise.reciprocal(this.value));
  }

  /** `1 / √this`. */
  rsqrt(): Tensor<S, D> {
    return new Tensor(exponentials.rsqrt(this.value));
  }

  /** `2` to the power `this`. */
  exp2(): Tensor<S, D> {
    return new Tensor(exponentials.exp2(this.value));
  }

  /** `e^this - 1`, exact also near 0. */
  expm1(): Tensor<S, D> {
    return new Tensor(exponentials.expm1(this.value));
  }

  /** The logarithm to base 2. */
  log2(): Tensor<S, D> {
    return new Tensor(exponentials.log2(this.value));
  }

  /** The logarithm to base 10. */
  log10(): Tensor<S, D> {
    return new Tensor(exponentials.log10(this.value));
  }

  /** `log(1 + this)`, exact also near 0. */
  log1p(): Tensor<S, D> {
    return new Tensor(exponentials.log1p(this.value));
  }

  /** The sine of radians. */
  sin(): Tensor<S, D> {
    return new Tensor(elementwise.sin(this.value));
  }

  /** The cosine of radians. */
  cos(): Tensor<S, D> {
    return new Tensor(elementwise.cos(this.value));
  }

  /** The tangent of radians. */
  tan(): Tensor<S, D> {
    return new Tensor(trigonometry.tan(this.value));
  }

  /** The angle in [-π/2, π/2] whose sine it is; of float32. */
  asin(): Tensor<S, D> {
    return new Tensor(trigonometry.asin(this.value));
  }

  /** The angle in [0, π] whose cosine it is; of float32. */
  acos(): Tensor<S, D> {
    return new Tensor(trigonometry.acos(this.value));
  }

  /** The angle in (-π/2, π/2) whose tangent it is; of float32. */
  atan(): Tensor<S, D> {
    return new Tensor(trigonometry.atan(this.value));
  }

  /** The hyperbolic sine. */
  sinh(): Tensor<S, D> {
    return new Tensor(trigonometry.sinh(this.value));
  }

  /** The hyperbolic cosine. */
  cosh(): Tensor<S, D> {
    return new Tensor(trigonometry.cosh(this.value));
  }

  /** The inverse of the hyperbolic sine. */
  asinh(): Tensor<S, D> {
    return new Tensor(trigonometry.asinh(this.value));
  }

  /** The inverse of the hyperbolic cosine, of numbers from 1. */
  acosh(): Tensor<S, D> {
    return new Tensor(trigonometry.acosh(this.value));
  }

  /** The inverse of the hyperbolic tangent, of numbers in (-1, 1). */
  atanh(): Tensor<S, D> {
    return new Tensor(trigonometry.atanh(this.value));
  }

  /** The error function `2/√π ∫₀ˣ e^-t² dt`; of float32. */
  erf(): Tensor<S, D> {
    return new Tensor(elementwise.erf(this.value));
  }

  // Activations; more stand in `functions/activations.ts`

  /** The hyperbolic tangent. */
  tanh(): Tensor<S, D> {
    return new Tensor(elementwise.tanh(this.value));
  }

  /** `1 / (1 + e^-this)`. */
  sigmoid(): Tensor<S, D> {
    return new Tensor(elementwise.sigmoid(this.value));
  }

  /** `max(this, 0)`. */
  relu(): Tensor<S, D> {
    return new Tensor(elementwise.relu(this.value));
  }

  /** `x · Φ(x)` with the normal distribution's Φ (Hendrycks and Gimpel, 2016); of float32. */
  gelu(): Tensor<S, D> {
    return new Tensor(activations.gelu(this.value));
  }

  /** `x / (1 + e^-x)`, also called swish (Elfwing, Uchibe and Doya, 2017). */
  silu(): Tensor<S, D> {
    return new Tensor(activations.silu(this.value));
  }

  /** `log(1 + e^this)`, without overflow. */
  softplus(): Tensor<S, D> {
    return new Tensor(elementwise.softplus(this.value));
  }

  /** `e^x / Σ e^x` along an axis, the last where none is named, without overflow. */
  softmax<const A extends number = -1>(axis?: A & ExistingAxes<S, A>): Tensor<S, D> {
    return new Tensor(softmax(this.value, axis));
  }

  /** The logarithm of {@link softmax}, exact also where that is near 0. */
  logSoftmax<const A extends number = -1>(axis?: A & ExistingAxes<S, A>): Tensor<S, D> {
    return new Tensor(logSoftmax(this.value, axis));
  }

  // Rounding, limits and tests

  /** -1, 0 or 1 by the sign. */
  sign(): Tensor<S, D> {
    return new Tensor(elementwise.sign(this.value));
  }

  /** The largest whole number that isn't larger. */
  floor(): Tensor<S, D> {
    return new Tensor(elementwise.floor(this.value));
  }

  /** The smallest whole number that isn't smaller. */
  ceil(): Tensor<S, D> {
    return new Tensor(elementwise.ceil(this.value));
  }

  /** The nearest whole number; halves go to the even one, as in NumPy. */
  round(): Tensor<S, D> {
    return new Tensor(elementwise.round(this.value));
  }

  /** The whole part: rounded towards 0. */
  trunc(): Tensor<S, D> {
    return new Tensor(rounding.trunc(this.value));
  }

  /** Limited to at least `low` and at most `high`; either may be left out. */
  clip(low?: number, high?: number): Tensor<S, D> {
    return new Tensor(rounding.clip(this.value, low, high));
  }

  /** The larger of both, broadcast. Of a gradient, equal elements get half each. */
  maximum<const B extends Shape = readonly []>(other: number | Other<S, B, D>): Tensor<Stretched<S, B>, D> {
    return new Tensor(elementwise.maximum(this.value, operand(other)));
  }

  /** The smaller of both, broadcast. Of a gradient, equal elements get half each. */
  minimum<const B extends Shape = readonly []>(other: number | Other<S, B, D>): Tensor<Stretched<S, B>, D> {
    return new Tensor(elementwise.minimum(this.value, operand(other)));
  }

  /** The remainder with the dividend's sign, broadcast: JavaScript's `%`. */
  fmod<const B extends Shape = readonly []>(divisor: number | Other<S, B, D>): Tensor<Stretched<S, B>, D> {
    return new Tensor(rounding.fmod(this.value, operand(divisor)));
  }

  /** The remainder with the divisor's sign, broadcast: Python's `%`. */
  remainder<const B extends Shape = readonly []>(
    divisor: number | Other<S, B, D>,
  ): Tensor<Stretched<S, B>, D> {
    return new Tensor(rounding.remainder(this.value, operand(divisor)));
  }

  /** Whether it is no number. */
  isNaN(): Tensor<S, "bool"> {
    return new Tensor(rounding.isNaN(this.value));
  }

  /** Whether it is positive or negative infinity. */
  isInf(): Tensor<S, "bool"> {
    return new Tensor(rounding.isInf(this.value));
  }

  /** Whether it is neither infinite nor NaN. */
  isFinite(): Tensor<S, "bool"> {
    return new Tensor(rounding.isFinite(this.value));
  }

  // Comparisons

  /** Whether `this > other`, broadcast. */
  greater<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, B>, "bool"> {
    return new Tensor(elementwise.greater(this.value, operand(other)));
  }

  /** Whether `this < other`, broadcast. */
  less<const B extends Shape = readonly []>(other: number | Other<S, B, D>): Tensor<Stretched<S, B>, "bool"> {
    return new Tensor(elementwise.less(this.value, operand(other)));
  }

  /** Whether `this = other`, broadcast. */
  equal<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, B>, "bool"> {
    return new Tensor(elementwise.equal(this.value, operand(other)));
  }

  /** Whether `this ≥ other`, broadcast. */
  greaterEqual<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, B>, "bool"> {
    return new Tensor(elementwise.greaterOrEqual(this.value, operand(other)));
  }

  /** Whether `this ≤ other`, broadcast. */
  lessEqual<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, B>, "bool"> {
    return new Tensor(elementwise.lessOrEqual(this.value, operand(other)));
  }

  /** Whether `this ≠ other`, broadcast. */
  notEqual<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, B>, "bool"> {
    return new Tensor(elementwise.notEqual(this.value, operand(other)));
  }

  /** Whether both hold, broadcast. */
  and<const B extends Shape = readonly []>(
    this: Tensor<S, "bool">,
    other: Other<S, B, "bool">,
  ): Tensor<Stretched<S, B>, "bool"> {
    return new Tensor(elementwise.and(this.value, other.value));
  }

  /** Whether either or both hold, broadcast. */
  or<const B extends Shape = readonly []>(
    this: Tensor<S, "bool">,
    other: Other<S, B, "bool">,
  ): Tensor<Stretched<S, B>, "bool"> {
    return new Tensor(elementwise.or(this.value, other.value));
  }

  /** Whether one but not both hold, broadcast. */
  xor<const B extends Shape = readonly []>(
    this: Tensor<S, "bool">,
    other: Other<S, B, "bool">,
  ): Tensor<Stretched<S, B>, "bool"> {
    return new Tensor(elementwise.xor(this.value, other.value));
  }

  /** Whether it does not hold. */
  not(this: Tensor<S, "bool">): Tensor<S, "bool"> {
    return new Tensor(elementwise.not(this.value));
  }

  /** As elements of another type: floats are cut to integers, anything but 0 is true. */
  cast<const To extends DType>(dtype: To): Tensor<S, To> {
    return new Tensor(elementwise.cast(this.value, dtype));
  }

  // Reductions

  /** The sum over axes, or of all elements. */
  sum<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, D> {
    return new Tensor(reductions.sum(this.value, { axes, ...options }));
  }

  /** The arithmetic mean over axes, or of all elements. */
  mean<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, D> {
    return new Tensor(reductions.mean(this.value, { axes, ...options }));
  }

  /** The largest over axes, or of all elements. */
  max<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, D> {
    return new Tensor(reductions.max(this.value, { axes, ...options }));
  }

  /** The smallest over axes, or of all elements. */
  min<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, D> {
    return new Tensor(reductions.min(this.value, { axes, ...options }));
  }

  /** The product over axes, or of all elements. */
  prod<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, D> {
    return new Tensor(reductions.product(this.value, { axes, ...options }));
  }

  /** `log Σ e^x` over axes, or of all elements, without overflow. */
  logSumExp<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, D> {
    return new Tensor(statistics.logSumExp(this.value, { axes, ...options }));
  }

  /**
   * The variance `Σ (x - mean)² / (n - correction)` over axes, or of all elements. The correction is 1 where none is named,
   * as in PyTorch (NumPy's is 0).
   */
  var<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: VarianceOptions<K>,
  ): Tensor<Reduced<S, A, K>, D> {
    return new Tensor(statistics.variance(this.value, { axes, ...options }, options?.correction ?? 1));
  }

  /** The standard deviation, the root of {@link var}. */
  std<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: VarianceOptions<K>,
  ): Tensor<Reduced<S, A, K>, D> {
    return new Tensor(
      statistics.standardDeviation(this.value, { axes, ...options }, options?.correction ?? 1),
    );
  }

  /**
   * The norm of vectors over axes, or of all elements: of order 1 the sum of sizes, of 2 the root of the sum of squares, of
   * `Infinity` the largest size.
   * @throws {@link GraphError} for another order
   */
  norm<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: NormOptions<K>,
  ): Tensor<Reduced<S, A, K>, D> {
    return new Tensor(statistics.norm(this.value, options?.order ?? 2, { axes, ...options }));
  }

  /** Whether any is true, or not 0, over axes or among all elements. */
  any<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, "bool"> {
    return new Tensor(statistics.any(this.value, { axes, ...options }));
  }

  /** Whether all are true, or not 0, over axes or among all elements. */
  all<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, "bool"> {
    return new Tensor(statistics.all(this.value, { axes, ...options }));
  }

  /** How many are true, or not 0, over axes or among all elements. */
  countNonzero<const A extends Axes = undefined, const K extends boolean = false>(
    axes?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, "int64"> {
    return new Tensor(statistics.countNonzero(this.value, { axes, ...options }));
  }

  /** The position of the largest along an axis, or among all elements in row-major order; the first of equal ones. */
  argMax<const A extends number | undefined = undefined, const K extends boolean = false>(
    axis?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, "int64"> {
    return new Tensor(statistics.argMax(this.value, { axis, ...options }));
  }

  /** The position of the smallest along an axis, or among all elements in row-major order; the first of equal ones. */
  argMin<const A extends number | undefined = undefined, const K extends boolean = false>(
    axis?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, "int64"> {
    return new Tensor(statistics.argMin(this.value, { axis, ...options }));
  }

  /** The sum of the elements up to and including each along an axis. */
  cumsum<const A extends number>(axis: A & ExistingAxes<S, A>): Tensor<S, D> {
    return new Tensor(cumsum(this.value, axis));
  }

  /**
   * The product of the elements up to and including each along an axis.
   * @throws {@link GraphError} when the axis' size isn't known
   */
  cumprod<const A extends number>(axis: A & ExistingAxes<S, A>): Tensor<S, D> {
    return new Tensor(cumprod(this.value, axis));
  }

  // Matrices

  /**
   * The matrix product of the last two axes: `[..., m, k]` by `[..., k, n]` gives `[..., m, n]`; the axes before them
   * broadcast.
   */
  matmul<
    const BatchA extends Shape,
    M extends Dimension,
    K extends Dimension,
    const BatchB extends Shape,
    N extends Dimension,
  >(
    this: Tensor<readonly [...BatchA, M, K], D>,
    other: Tensor<readonly [...BatchB, NoInfer<K>, N], NoInfer<D>>,
  ): Tensor<readonly [...MatrixBatch<BatchA, BatchB>, M, N], D> {
    return new Tensor(matmul(this.value, other.value));
  }

  // Shapes

  /** The same elements in another shape; one size may be -1: what remains. */
  reshape<const T extends Shape>(shape: T): Tensor<Reshaped<T>, D> {
    return new Tensor(shapes.reshape(this.value, shape));
  }

  /** The axes in another order; reversed where none is given. */
  transpose<const Order extends readonly number[] | undefined = undefined>(
    order?: Order,
  ): Tensor<Permuted<S, Order>, D> {
    return new Tensor(shapes.transpose(this.value, order));
  }

  /** Stretched to a shape, as broadcasting does. */
  broadcastTo<const T extends Shape>(shape: T): Tensor<T, D> {
    return new Tensor(shapes.broadcastTo(this.value, shape));
  }
}

/** Whether axes that are reduced stay, with size 1. */
export interface ReductionOptions<K extends boolean> {
  readonly keepAxes?: K;
}

/** Settings of a variance. */
export interface VarianceOptions<K extends boolean> extends ReductionOptions<K> {
  /** What is subtracted from the number of elements: 1 for a sample's variance, 0 for that of all there is. */
  readonly correction?: Correction;
}

/** Settings of a norm. */
export interface NormOptions<K extends boolean> extends ReductionOptions<K> {
  /** 1, 2 or `Infinity`; 2 where absent. */
  readonly order?: number;
}

/** The other operand of an element-wise operation. */
export type Other<S extends Shape, B extends Shape, D extends DType> = Tensor<B, D> & Broadcastable<S, B>;

/** A tensor of a floating type. */
export type FloatTensor<S extends Shape, D extends FloatDType = "float32"> = Tensor<S, D>;

function operand(other: Tensor | number): elementwise.Operand {
  return typeof other === "number" ? other : other.value;
}
