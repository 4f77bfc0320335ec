/**
 * @file Einstein's summation: products of values over named axes, as NumPy's `einsum` has it.
 *
 * Operands are taken in pairs, from the left; a pair becomes one matrix product over its common axes, the ones that stay
 * as a batch, those that are summed as the inner axis.
 */
import { GraphError } from "../errors.ts";
import { showShape, type Dimension, type Shape } from "../shape.ts";
import type { Value } from "../value.ts";
import { diagonal } from "./arrange.ts";
import { multiply } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { sum } from "./reduce.ts";
import { reshape, transpose, unsqueeze } from "./shape-ops.ts";

/** A value whose axes have names: letters, or `...0`, `...1` from the last for those of an ellipsis. */
interface Named {
  readonly value: Value;
  readonly axes: readonly string[];
}

/**
 * The sum of products that a subscript text such as `"bij,bjk->bik"` names. An axis named twice in one operand is its
 * diagonal; one that the result does not name is summed; without `->` the result has the axes named once, in the order of
 * the alphabet; `...` stands for any further axes, which broadcast.
 * @throws {@link GraphError} when the text is no such, or shapes do not fit it
 */
export function einsum(equation: string, values: readonly Value[]): Value {
  const { operands, output } = parse(equation, values);
  checkSizes(equation, operands);
  const [first, ...others] = operands.map(withoutRepeats);
  if (!first) throw new GraphError("einsum needs an operand");
  const product = others.reduce((left, right, index) => {
    const later = new Set([...output, ...others.slice(index + 1).flatMap(({ axes }) => axes)]);
    return contract(summed(left, new Set([...later, ...right.axes])), right, later);
  }, first);
  const result = summed(product, new Set(output));
  return transpose(
    result.value,
    output.map((axis) => result.axes.indexOf(axis)),
  );
}

function parse(
  equation: string,
  values: readonly Value[],
): { operands: readonly Named[]; output: readonly string[] } {
  const text = equation.replaceAll(/\s/g, "");
  const [left = "", right, more] = text.split("->");
  const terms = left.split(",");
  if (
    more !== undefined ||
    [...terms, right ?? ""].some((term) => !/^[A-Za-z]*(\.{3})?[A-Za-z]*$/.test(term))
  )
    throw new GraphError(`einsum: "${equation}" is no list of subscripts such as "ij,jk->ik"`);
  if (terms.length !== values.length)
    throw new GraphError(`einsum: "${equation}" names ${terms.length} operands, ${values.length} are given`);
  const operands = values.map((value, index) => named(equation, terms[index] ?? "", value));
  const all = operands.flatMap(({ axes }) => axes);
  const ellipsis = [...new Set(all.filter(isEllipsis))].sort(
    (a, b) => Number(b.slice(3)) - Number(a.slice(3)),
  );
  if (right === undefined) {
    const once = [...new Set(all)].filter(
      (axis) => !isEllipsis(axis) && all.indexOf(axis) === all.lastIndexOf(axis),
    );
    return { operands, output: [...ellipsis, ...once.sort()] };
  }
  const [before = "", after = ""] = right.split("...");
  const output = [...before.split(""), ...(right.includes("...") ? ellipsis : []), ...after.split("")];
  const wrong = output.find((axis, at) => !all.includes(axis) || output.indexOf(axis) !== at);
  if (wrong !== undefined)
    throw new GraphError(
      `einsum: the result of "${equation}" names "${wrong}" ${all.includes(wrong) ? "twice" : "which no operand has"}`,
    );
  return { operands, output };
}

const isEllipsis = (axis: string): boolean => axis.startsWith("...");

function named(equation: string, term: string, value: Value): Named {
  const [before = "", after = ""] = term.split("...");
  const rest = value.shape.length - before.length - after.length;
  if (rest < 0 || (rest > 0 && !term.includes("...")))
    throw new GraphError(
      `einsum: "${term}" of "${equation}" does not fit a tensor of ${value.shape.length} axes, ${showShape(value.shape)}`,
    );
  const further = Array.from({ length: rest }, (_, at) => `...${rest - 1 - at}`);
  return { value, axes: [...before.split(""), ...further, ...after.split("")] };
}

function checkSizes(equation: string, operands: readonly Named[]): void {
  const sizes = new Map<string, Dimension>();
  for (const { value, axes } of operands)
    for (const [at, axis] of axes.entries()) {
      const size = value.shape[at] ?? 1;
      const known = sizes.get(axis);
      if (known === undefined || (isEllipsis(axis) && known === 1)) sizes.set(axis, size);
      else if (known !== size && !(isEllipsis(axis) && size === 1))
        throw new GraphError(
          `einsum: "${axis}" of "${equation}" is ${known} in one operand and ${size} in another`,
        );
    }
}

function withoutRepeats({ value, axes }: Named): Named {
  const again = axes.findIndex((axis, at) => axes.indexOf(axis) !== at);
  const axis = axes[again];
  if (axis === undefined) return { value, axes };
  const first = axes.indexOf(axis);
  const others = axes.filter((_, at) => at !== first && at !== again);
  return withoutRepeats({ value: diagonal(value, 0, [first, again]), axes: [...others, axis] });
}

/** Summed over the axes that are not needed. */
function summed({ value, axes }: Named, needed: ReadonlySet<string>): Named {
  const gone = axes.flatMap((axis, at) => (needed.has(axis) ? [] : [at]));
  if (gone.length === 0) return { value, axes };
  return { value: sum(value, { axes: gone }), axes: axes.filter((axis) => needed.has(axis)) };
}

function contract(left: Named, other: Named, later: ReadonlySet<string>): Named {
  const right = summed(other, new Set([...later, ...left.axes]));
  const common = left.axes.filter((axis) => right.axes.includes(axis));
  const inner = common.filter((axis) => !later.has(axis));
  const batch = common.filter((axis) => later.has(axis));
  const rows = left.axes.filter((axis) => !common.includes(axis));
  const columns = right.axes.filter((axis) => !common.includes(axis));
  const axes = [...batch, ...rows, ...columns];
  if (inner.length === 0) return { value: multiply(aligned(left, axes), aligned(right, axes)), axes };
  if (sizesOf(left, inner).join() !== sizesOf(right, inner).join())
    throw new GraphError(`einsum: the summed axes ${inner.join(", ")} differ in size`);
  const a = folded(left, batch, rows, inner);
  const b = folded(right, batch, inner, columns);
  const product = matmul(a, b);
  const shape = [...product.shape.slice(0, batch.length), ...sizesOf(left, rows), ...sizesOf(right, columns)];
  return { value: reshape(product, shape, [left.value, right.value]), axes };
}

function sizesOf({ value, axes }: Named, of: readonly string[]): Shape {
  return of.map((axis) => value.shape[axes.indexOf(axis)] ?? 1);
}

/** With the axes in this order, size 1 for those that it has not. */
function aligned({ value, axes }: Named, order: readonly string[]): Value {
  const own = order.filter((axis) => axes.includes(axis));
  const moved = transpose(
    value,
    own.map((axis) => axes.indexOf(axis)),
  );
  const added = order.flatMap((axis, at) => (axes.includes(axis) ? [] : [at]));
  return unsqueeze(moved, added);
}

/** As matrices: the batch axes, then one axis for each of both groups. */
function folded(
  operand: Named,
  batch: readonly string[],
  rows: readonly string[],
  columns: readonly string[],
): Value {
  const order = [...batch, ...rows, ...columns];
  const moved = transpose(
    operand.value,
    order.map((axis) => operand.axes.indexOf(axis)),
  );
  const [height, width] = [foldedSize(sizesOf(operand, rows)), foldedSize(sizesOf(operand, columns))];
  return reshape(moved, [...sizesOf(operand, batch), height, width], [operand.value]);
}

/** The size of a group's one axis: what remains where several sizes make it and one has a name. */
function foldedSize(sizes: Shape): Dimension {
  const [first = 1] = sizes;
  if (sizes.length === 1) return first;
  return sizes.every((size) => typeof size === "number") ? sizes.reduce((a, b) => a * b, 1) : -1;
}
