/**
 * @file Typed tensors: a value of a program with its shape and element type known to the compiler.
 *
 * A tensor is lazy: operations describe a program, {@link Tensor.data} runs it. Methods are what is chained; functions
 * that take several tensors or many settings stand in `functions/`.
 */
import type { MimeBundle } from "../notebook-host.ts";
import { pageable, type Pageable } from "../pageable.ts";
import { pageableValue } from "./display/pageable-value.ts";
import { tensorBundle } from "./display/tensor-bundle.ts";
import type { DataOf, DType, FloatDType } from "./dtype.ts";
import { GraphError } from "./errors.ts";
import { evaluate } from "./evaluate.ts";
import * as elementwise from "./ops/elementwise.ts";
import { matmul } from "./ops/matmul.ts";
import { pick } from "./ops/pick.ts";
import * as reductions from "./ops/reduce.ts";
import { clip } from "./ops/rounding.ts";
import { logSoftmax, softmax } from "./ops/softmax.ts";
import { argmax } from "./ops/sorting.ts";
import * as shapes from "./ops/shape-ops.ts";
import * as statistics from "./ops/statistics.ts";
import type { AxisPick, Picked } from "./pick-types.ts";
import type {
  Axes,
  Broadcastable,
  ExistingAxes,
  FromArgument,
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

  /** In a notebook: computed and shown as a table or in brackets; without values where inputs are not known yet. */
  async [Symbol.for("Jupyter.display")](): Promise<MimeBundle> {
    return tensorBundle(this.value);
  }

  /** In a notebook's data viewer: rows of the last axis; undefined where sizes are not known. */
  [pageable](): Pageable | undefined {
    return pageableValue(this.value);
  }

  /** Frees what a runtime keeps of it, at once instead of when it is garbage; it can't be used any more. */
  [Symbol.dispose](): void {
    const { source } = resolve(this.value);
    if (source.kind === "stored") source.stored[Symbol.dispose]();
  }

  // Arithmetic

  /** `this + other`, broadcast. */
  add<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, FromArgument<B>>, D> {
    return new Tensor(elementwise.add(this.value, operand(other)));
  }

  /** `this - other`, broadcast. */
  sub<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, FromArgument<B>>, D> {
    return new Tensor(elementwise.subtract(this.value, operand(other)));
  }

  /** `this · other`, element by element, broadcast. */
  mul<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, FromArgument<B>>, D> {
    return new Tensor(elementwise.multiply(this.value, operand(other)));
  }

  /** `this / other`, broadcast; of integers, rounded towards zero. */
  div<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, FromArgument<B>>, D> {
    return new Tensor(elementwise.divide(this.value, operand(other)));
  }

  /** `this` to a power, broadcast. */
  pow<const B extends Shape = readonly []>(
    exponent: number | Other<S, B, D>,
  ): Tensor<Stretched<S, FromArgument<B>>, D> {
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

  /** Limited to at least `low` and at most `high`, either of which may be undefined. */
  clip(low: number | undefined, high?: number): Tensor<S, D> {
    return new Tensor(clip(this.value, low, high));
  }

  // Comparisons

  /** Whether `this > other`, broadcast. */
  greater<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, FromArgument<B>>, "bool"> {
    return new Tensor(elementwise.greater(this.value, operand(other)));
  }

  /** Whether `this < other`, broadcast. */
  less<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, FromArgument<B>>, "bool"> {
    return new Tensor(elementwise.less(this.value, operand(other)));
  }

  /** Whether `this ≥ other`, broadcast. */
  greaterOrEqual<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, FromArgument<B>>, "bool"> {
    return new Tensor(elementwise.greaterOrEqual(this.value, operand(other)));
  }

  /** Whether `this ≤ other`, broadcast. */
  lessOrEqual<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, FromArgument<B>>, "bool"> {
    return new Tensor(elementwise.lessOrEqual(this.value, operand(other)));
  }

  /** Whether `this = other`, broadcast. */
  equal<const B extends Shape = readonly []>(
    other: number | Other<S, B, D>,
  ): Tensor<Stretched<S, FromArgument<B>>, "bool"> {
    return new Tensor(elementwise.equal(this.value, operand(other)));
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

  /** The position of the largest along an axis, or among all in row-major order; the first of equal ones. */
  argmax<const A extends number | undefined = undefined, const K extends boolean = false>(
    axis?: A & ExistingAxes<S, A>,
    options?: ReductionOptions<K>,
  ): Tensor<Reduced<S, A, K>, "int64"> {
    return new Tensor(argmax(this.value, axis, options?.keepAxes));
  }

  /** `e^this / Σ e^this` along an axis, the last where absent. */
  softmax<const A extends number = -1>(axis?: A & ExistingAxes<S, A>): Tensor<S, D> {
    return new Tensor(softmax(this.value, axis));
  }

  /** The logarithm of {@link softmax}, exact also where that is near 0. */
  logSoftmax<const A extends number = -1>(axis?: A & ExistingAxes<S, A>): Tensor<S, D> {
    return new Tensor(logSoftmax(this.value, axis));
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

  /**
   * Parts of axes, from the first on: `null` takes all, a number one position, whose axis goes, `[start, end]` or
   * `{ start, end, step }` a range without its end. Negative positions count from the end; axes that are not named stay
   * whole.
   *
   * @throws {@link GraphError} for a single position that is not there
   * @example x.slice(0, null, [2, 5]) // NumPy's x[0, :, 2:5]
   */
  slice<const P extends readonly AxisPick[]>(...picks: P): Tensor<Picked<S, P>, D> {
    return new Tensor(pick(this.value, picks));
  }

  /** Without an axis of size 1. */
  squeeze<const A extends number | readonly number[]>(
    axes: A & ExistingAxes<S, A>,
  ): Tensor<Reduced<S, A>, D> {
    return new Tensor(shapes.squeeze(this.value, axes));
  }

  /** With a new axis of size 1 at this position of the result. */
  unsqueeze(axis: 0): Tensor<readonly [1, ...S], D>;
  unsqueeze(axis: -1): Tensor<readonly [...S, 1], D>;
  unsqueeze(axis: number): Tensor<Shape, D>;
  unsqueeze(axis: number): Tensor {
    return new Tensor(shapes.unsqueeze(this.value, axis));
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

/** The other operand of an element-wise operation. */
export type Other<S extends Shape, B extends Shape, D extends DType> = Tensor<B, D> & Broadcastable<S, B>;

/** A tensor of a floating type. */
export type FloatTensor<S extends Shape, D extends FloatDType = "float32"> = Tensor<S, D>;

function operand(other: Tensor | number): elementwise.Operand {
  return typeof other === "number" ? other : other.value;
}
