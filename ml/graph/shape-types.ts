/**
 * @file Shapes in types: what broadcasting, reductions and the like make of them.
 *
 * A shape is a tuple of sizes: numbers, names such as "batch", or `number` for a size that is unknown. `any` is the
 * unknown shape: it fits everywhere and makes the result unknown. Errors are branded types whose message is their
 * type argument, so that the compiler shows it.
 */
import type { Dimension, Shape } from "./shape.ts";

declare const shapeError: unique symbol;

/** What the compiler shows where shapes do not fit: the message is in the type. */
export interface ShapeError<Message extends string> {
  readonly [shapeError]: Message;
}

/** Whether a type is `any`. */
export type IsAny<T> = 0 extends 1 & T ? true : false;

/** A shape as text. */
export type ShowShape<S extends Shape> = S extends readonly []
  ? ""
  : S extends readonly [infer Only extends Dimension]
    ? `${Only}`
    : S extends readonly [infer First extends Dimension, ...infer Rest extends Shape]
      ? `${First}, ${ShowShape<Rest>}`
      : "...";

/** The size that two axes have together when broadcast; never where they differ. */
type BroadcastSize<A extends Dimension, B extends Dimension> = A extends 1
  ? B
  : B extends 1
    ? A
    : number extends A
      ? B
      : number extends B
        ? A
        : [A] extends [B]
          ? [B] extends [A]
            ? A
            : never
          : never;

/** The shape of an element-wise result, as NumPy broadcasts; a {@link ShapeError} where sizes differ. */
export type Broadcast<
  A extends Shape,
  B extends Shape,
  Done extends Shape = readonly [],
  WholeA extends Shape = A,
  WholeB extends Shape = B,
> =
  IsAny<A> extends true
    ? // oxlint-disable-next-line typescript/no-explicit-any -- the unknown shape
      any
    : IsAny<B> extends true
      ? // oxlint-disable-next-line typescript/no-explicit-any -- the unknown shape
        any
      : A extends readonly [...infer RestA extends Shape, infer LastA extends Dimension]
        ? B extends readonly [...infer RestB extends Shape, infer LastB extends Dimension]
          ? [BroadcastSize<LastA, LastB>] extends [never]
            ? ShapeError<`cannot broadcast [${ShowShape<WholeA>}] with [${ShowShape<WholeB>}]: ${LastA} against ${LastB}`>
            : Broadcast<RestA, RestB, readonly [BroadcastSize<LastA, LastB>, ...Done], WholeA, WholeB>
          : B extends readonly []
            ? readonly [...A, ...Done]
            : Shape
        : A extends readonly []
          ? readonly [...B, ...Done]
          : Shape;

/** A shape that is one, or the unknown one in place of a {@link ShapeError}, which is reported elsewhere. */
// oxlint-disable-next-line typescript/no-explicit-any -- the unknown shape
export type AsShape<S> = S extends Shape ? S : any;

/** The shape of an element-wise result whose operands were checked: the first's where the other is a number. */
export type Stretched<A extends Shape, B extends Shape> =
  IsAny<B> extends true
    ? // oxlint-disable-next-line typescript/no-explicit-any -- the unknown shape
      any
    : [B] extends [readonly []]
      ? A
      : AsShape<Broadcast<A, B>>;

/**
 * A shape that the compiler infers from an argument alone. Without it, a number as the argument would leave the shape to
 * be guessed from where the result is used.
 */
export type FromArgument<B extends Shape> = [B] extends [infer Found extends Shape] ? Found : never;

/** What an operand must also be so that it broadcasts: nothing more, or an error that says why not. */
export type Broadcastable<A extends Shape, B extends Shape> =
  Broadcast<A, B> extends ShapeError<infer Message> ? ShapeError<Message> : unknown;

/** Axes to reduce over: one, several, or all where undefined. */
export type Axes = number | readonly number[] | undefined;

type Digits = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7";

/** The positions of a tuple as texts: "0", "1", …. */
type Positions<S extends Shape> = Exclude<keyof S, keyof (readonly unknown[])> & Digits;

/** An axis as the text of its position from the front; of several axes, those of all. */
export type AxisOf<S extends Shape, Axis extends number> = Axis extends number
  ? `${Axis}` extends `-${infer FromEnd}`
    ? FromEndOf<S, FromEnd>
    : `${Axis}` extends Positions<S>
      ? `${Axis}`
      : never
  : never;

type FromEndOf<
  S extends Shape,
  FromEnd extends string,
  Skipped extends readonly unknown[] = readonly [unknown],
> = S extends readonly [...infer Rest extends Shape, Dimension]
  ? `${Skipped["length"]}` extends FromEnd
    ? `${Rest["length"]}`
    : FromEndOf<Rest, FromEnd, readonly [...Skipped, unknown]>
  : never;

type ReplaceAt<
  S extends Shape,
  At extends string,
  Replacement extends Shape,
  Done extends readonly unknown[] = readonly [],
> = S extends readonly [infer First extends Dimension, ...infer Rest extends Shape]
  ? `${Done["length"]}` extends At
    ? readonly [...Replacement, ...ReplaceAt<Rest, At, Replacement, readonly [...Done, unknown]>]
    : readonly [First, ...ReplaceAt<Rest, At, Replacement, readonly [...Done, unknown]>]
  : readonly [];

/** Whether the number of axes is known. */
type IsTuple<S extends Shape> = number extends S["length"] ? false : true;

/** A shape after a reduction over axes, which stay with size 1 or go. */
export type Reduced<S extends Shape, A extends Axes, Keep extends boolean = false> = A extends undefined
  ? Keep extends true
    ? { readonly [Axis in keyof S]: 1 }
    : readonly []
  : IsAny<S> extends true
    ? S
    : IsTuple<S> extends false
      ? Shape
      : A extends number
        ? number extends A
          ? Shape
          : ReplaceAt<S, AxisOf<S, A>, Keep extends true ? readonly [1] : readonly []>
        : A extends readonly number[]
          ? number extends A["length"]
            ? Shape
            : ReplaceAt<S, AxisOf<S, A[number]>, Keep extends true ? readonly [1] : readonly []>
          : Shape;

/** What axes must also be so that they exist in a shape: nothing more, or an error that says which there are. */
export type ExistingAxes<S extends Shape, A extends Axes> =
  IsAny<S> extends true
    ? unknown
    : IsTuple<S> extends false
      ? unknown
      : A extends number
        ? CheckAxis<S, A>
        : A extends readonly number[]
          ? { readonly [Index in keyof A]: CheckAxis<S, A[Index] & number> }
          : unknown;

type CheckAxis<S extends Shape, A extends number> = number extends A
  ? unknown
  : [AxisOf<S, A>] extends [never]
    ? ShapeError<`there is no axis ${A} in [${ShowShape<S>}]`>
    : unknown;

/** A shape with its axes in another order. */
export type Permuted<S extends Shape, Order extends readonly number[] | undefined> =
  IsAny<S> extends true
    ? S
    : Order extends readonly number[]
      ? { readonly [Index in keyof Order]: S[AxisOf<S, Order[Index] & number> & keyof S] & Dimension }
      : Reversed<S>;

type Reversed<S extends Shape> = S extends readonly [
  infer First extends Dimension,
  ...infer Rest extends Shape,
]
  ? readonly [...Reversed<Rest>, First]
  : S extends readonly []
    ? readonly []
    : Shape;

/** A shape of as many axes, whose sizes are not known. */
export type SameRank<S extends Shape> = { readonly [Axis in keyof S]: Dimension };

/** A shape of which one axis has another size, which is not known. */
export type Resized<S extends Shape, A extends number> =
  IsAny<S> extends true
    ? S
    : number extends A
      ? SameRank<S>
      : { readonly [Axis in keyof S]: Axis extends AxisOf<S, A> ? number : S[Axis] };

/** A shape as it was asked for, with what remains (-1) unknown. */
export type Reshaped<S extends Shape> = { readonly [Axis in keyof S]: S[Axis] extends -1 ? number : S[Axis] };

/** The axes before the last two of a matrix product: of either operand where the other has none. */
export type MatrixBatch<A extends Shape, B extends Shape> = B extends readonly []
  ? A
  : A extends readonly []
    ? B
    : AsShape<Broadcast<A, B>>;
