/** @file What can be taken of axes by position, and the shape that remains. */
import type { IsAny } from "./shape-types.ts";
import type { Dimension, Shape } from "./shape.ts";

/** Every `step`-th position from `start` up to but without `end`; negative ones count from the end. */
export interface Stride {
  readonly start?: number;
  readonly end?: number;
  /** 1 where absent; negative: from the end to the start. */
  readonly step?: number;
}

/** What to take of one axis: all (null), one position, whose axis goes, or a range `[start, end]` without its end. */
export type AxisPick = null | number | readonly [start: number, end?: number] | Stride;

/** A shape after picks from its first axes. */
export type Picked<S extends Shape, P extends readonly AxisPick[], Done extends Shape = readonly []> =
  IsAny<S> extends true
    ? S
    : number extends S["length"]
      ? Shape
      : P extends readonly [infer First, ...infer Rest extends readonly AxisPick[]]
        ? S extends readonly [infer Size extends Dimension, ...infer Sizes extends Shape]
          ? Picked<
              Sizes,
              Rest,
              First extends null
                ? readonly [...Done, Size]
                : First extends number
                  ? Done
                  : readonly [...Done, Dimension]
            >
          : Shape
        : P extends readonly []
          ? readonly [...Done, ...S]
          : Shape;
