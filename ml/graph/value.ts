/** The size of an axis: a number, or a name for a size that is known when the graph runs. */
export type Dimension = number | string;

/** Sizes of all axes, outermost first; `[]` is a scalar. */
export type Shape = readonly Dimension[];

/** The element types that graphs hold. */
export type ElementType = "float32" | "int64" | "string";

/** A value of a graph: an input, a constant or a node's output. It is a name, not data. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

/** A shape as text, such as `[batch, 64]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}
