/** @file The shape of an einsum whose subscripts are a literal, and errors for subscripts that do not fit. */
import type { IsAny, ShapeError, ShowShape } from "./shape-types.ts";
import type { Dimension, Shape } from "./shape.ts";

/** The sizes of axes by their letters. */
type Sizes = Readonly<Record<string, Dimension>>;

/** A term's letters joined to a shape; a {@link ShapeError} where their numbers or an earlier size differ. */
type Bind<
  Term extends string,
  S extends Shape,
  Known extends Sizes,
  WholeTerm extends string = Term,
  WholeShape extends Shape = S,
> =
  IsAny<S> extends true
    ? Known
    : number extends S["length"]
      ? Known
      : Term extends `${infer Letter}${infer Rest}`
        ? S extends readonly [infer Size extends Dimension, ...infer Sizes extends Shape]
          ? Letter extends keyof Known
            ? SameSize<Known[Letter], Size> extends true
              ? Bind<Rest, Sizes, Known, WholeTerm, WholeShape>
              : ShapeError<`einsum: "${Letter}" is ${Known[Letter]} in one operand and ${Size} in another`>
            : Bind<Rest, Sizes, Known & Readonly<Record<Letter, Size>>, WholeTerm, WholeShape>
          : ShapeError<`einsum: "${WholeTerm}" has more subscripts than [${ShowShape<WholeShape>}] has axes`>
        : S extends readonly []
          ? Known
          : ShapeError<`einsum: "${WholeTerm}" has fewer subscripts than [${ShowShape<WholeShape>}] has axes`>;

type SameSize<A extends Dimension, B extends Dimension> = number extends A | B
  ? true
  : [A] extends [B]
    ? [B] extends [A]
      ? true
      : false
    : false;

type BindAll<
  Terms extends string,
  Shapes extends readonly Shape[],
  Known extends Sizes,
> = Shapes extends readonly [infer First extends Shape, ...infer Rest extends readonly Shape[]]
  ? Terms extends `${infer Term},${infer Others}`
    ? Rest extends readonly []
      ? ShapeError<"einsum: there are more subscripts than operands">
      : Next<Bind<Term, First, Known>, Others, Rest>
    : Rest extends readonly []
      ? Bind<Terms, First, Known>
      : ShapeError<"einsum: there are fewer subscripts than operands">
  : Known;

type Next<Bound, Terms extends string, Shapes extends readonly Shape[]> =
  Bound extends ShapeError<string> ? Bound : Bound extends Sizes ? BindAll<Terms, Shapes, Bound> : never;

type PickSizes<
  Output extends string,
  Known extends Sizes,
  Done extends Shape = readonly [],
> = Output extends `${infer Letter}${infer Rest}`
  ? Letter extends keyof Known
    ? PickSizes<Rest, Known, readonly [...Done, Known[Letter]]>
    : string extends keyof Known
      ? Shape
      : ShapeError<`einsum: no operand has the "${Letter}" of the result`>
  : Done;

/**
 * The shape that a literal such as `"ij,jk->ik"` gives, or a {@link ShapeError}; an unknown shape where it holds spaces or
 * an ellipsis, or names no result.
 */
export type EinsumShape<Equation extends string, Shapes extends readonly Shape[]> = string extends Equation
  ? Shape
  : Equation extends `${string}.${string}` | `${string} ${string}`
    ? Shape
    : Equation extends `${infer Terms}->${infer Output}`
      ? BindAll<Terms, Shapes, Readonly<Record<"", 0>>> extends infer Bound
        ? Bound extends ShapeError<string>
          ? Bound
          : Bound extends Sizes
            ? AllKnown<Shapes> extends true
              ? PickSizes<Output, Bound>
              : Shape
            : never
        : never
      : Shape;

/** Whether all shapes are known tuples. */
type AllKnown<Shapes extends readonly Shape[]> = Shapes extends readonly [
  infer First extends Shape,
  ...infer Rest extends readonly Shape[],
]
  ? IsAny<First> extends true
    ? false
    : number extends First["length"]
      ? false
      : AllKnown<Rest>
  : true;
