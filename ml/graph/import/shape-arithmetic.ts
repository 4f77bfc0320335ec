/**
 * @file Works out what nodes compute from elements that are known: the shape arithmetic of exported models, such as
 * Shape → Gather → Concat → Reshape.
 */
import { isFloat } from "../dtype.ts";
import { knownSizes, normalAxis, strides, type Dimension, type Shape } from "../shape.ts";
import { intAttribute, intsAttribute } from "../ops/apply.ts";
import type { Value } from "../value.ts";
import { binaryOperators, combine } from "./dimensions.ts";
import type { ImportedNode } from "./imported-node.ts";
import type { Elements } from "./knowledge.ts";

/** What is found of an output: its elements, and its shape where the operator's rule could not tell. */
export interface Folded {
  readonly elements: Elements;
  readonly shape?: Shape;
}

type Fold = (node: ImportedNode, outputs: readonly Value[]) => readonly (Folded | undefined)[];

/**
 * The elements of a node's outputs as far as they can be found.
 * @param outputs the outputs as the operator's rule infers them
 */
export function fold(node: ImportedNode, outputs: readonly Value[]): readonly (Folded | undefined)[] {
  return node.domain === "" ? (folds[node.operator]?.(node, outputs) ?? []) : [];
}

/** A tensor whose elements are known. */
interface Array {
  readonly sizes: readonly number[];
  readonly elements: Elements;
}

function arrayOf({ inputs, knowledge }: ImportedNode, index: number): Array | undefined {
  const elements = knowledge.elements(inputs[index]);
  const sizes = knownSizes(inputs[index]?.shape ?? [""]);
  return elements && sizes ? { elements, sizes } : undefined;
}

/** A fold of one output that needs all inputs and the output's sizes. */
function whole(
  compute: (arrays: readonly Array[], sizes: readonly number[], node: ImportedNode) => Elements | undefined,
): Fold {
  return (node, [output]) => {
    const arrays = node.inputs.map((_, index) => arrayOf(node, index));
    const sizes = knownSizes(output?.shape ?? [""]);
    if (!sizes || !arrays.every((each) => each !== undefined)) return [];
    const elements = compute(arrays, sizes, node);
    return elements ? [{ elements }] : [];
  };
}

/** The elements of a result of these sizes, each by its position along all axes; undefined where one is. */
function build(
  sizes: readonly number[],
  at: (position: readonly number[]) => Dimension | undefined,
): Elements | undefined {
  const steps = strides(sizes);
  const count = sizes.reduce((product, size) => product * size, 1);
  const found: Dimension[] = [];
  for (let index = 0; index < count; index++) {
    const element = at(sizes.map((size, axis) => Math.floor(index / (steps[axis] ?? 1)) % size));
    if (element === undefined) return undefined;
    found.push(element);
  }
  return found;
}

function elementAt({ sizes, elements }: Array, position: readonly number[]): Dimension | undefined {
  const steps = strides(sizes);
  return elements[position.reduce((index, place, axis) => index + place * (steps[axis] ?? 1), 0)];
}

/** The element that broadcasting puts at a position of a result. */
function broadcastAt(array: Array, position: readonly number[]): Dimension | undefined {
  const own = position.slice(position.length - array.sizes.length);
  return elementAt(
    array,
    own.map((place, axis) => (array.sizes[axis] === 1 ? 0 : place)),
  );
}

const keep = whole(([x]) => x?.elements);

const binary = whole((arrays, sizes, { operator, inputs, attributes }) => {
  if (intAttribute(attributes, "fmod", 0) === 1) return undefined;
  const integers = !isFloat(inputs[0]?.dtype ?? "int64");
  return build(sizes, (position) => {
    const [first, ...others] = arrays.map((array) => broadcastAt(array, position));
    return others.reduce((a, b) => {
      if (a === undefined || b === undefined) return undefined;
      const result = combine(operator, a, b);
      return integers && typeof result === "number" ? Math.trunc(result) : result;
    }, first);
  });
});

function unary(compute: (x: number) => number): Fold {
  return whole(([x], _sizes, { outputCount }) => {
    const numbers = x?.elements;
    if (outputCount !== 1 || !numbers?.every((each) => typeof each === "number")) return undefined;
    return numbers.map(compute);
  });
}

function reduction(combineTwo: string, start: number): Fold {
  return whole(([x], _sizes, { attributes, inputs }) => {
    const over = intsAttribute(attributes, "axes") ?? [];
    // Shape computations reduce vectors to one number.
    if (!x || x.sizes.length !== 1 || inputs.length > 2 || over.length > 1) return undefined;
    const [first, ...others] = x.elements;
    if (first === undefined) return [start];
    const result = others.reduce<Dimension | undefined>(
      (total, each) => (total === undefined ? undefined : combine(combineTwo, total, each)),
      first,
    );
    return result === undefined ? undefined : [result];
  });
}

const folds: Readonly<Record<string, Fold>> = {
  ...Object.fromEntries(binaryOperators.map((name) => [name, binary])),
  Shape: ({ inputs: [x], attributes }) => {
    if (!x) return [];
    const rank = x.shape.length;
    const start = intAttribute(attributes, "start", 0);
    const end = intAttribute(attributes, "end", rank);
    const at = (axis: number): number => Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank);
    return [{ elements: x.shape.slice(at(start), Math.max(at(start), at(end))) }];
  },
  Size: ({ inputs: [x] }) => {
    const product = x?.shape.reduce<Dimension | undefined>(
      (total, size) => (total === undefined ? undefined : combine("Mul", total, size)),
      1,
    );
    return product === undefined ? [] : [{ elements: [product] }];
  },
  Identity: keep,
  Reshape: ({ inputs: [x], knowledge }) => one(knowledge.elements(x)),
  Flatten: keep,
  Squeeze: ({ inputs: [x], knowledge }) => one(knowledge.elements(x)),
  Unsqueeze: ({ inputs: [x], knowledge }) => one(knowledge.elements(x)),
  Cast: whole(([x], _sizes, { attributes }) => {
    const to = intAttribute(attributes, "to", 0);
    const elements = x?.elements;
    if (floatTypes.has(to) || !elements) return elements;
    if (to === boolType)
      return elements.every((each) => typeof each === "number")
        ? elements.map((each) => (each === 0 ? 0 : 1))
        : undefined;
    return elements.map((each) => (typeof each === "number" ? Math.trunc(each) : each));
  }),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
  Not: unary((x) => (x === 0 ? 1 : 0)),
  Where: whole(([condition, a, b], sizes) =>
    build(sizes, (position) => {
      const chosen = condition && broadcastAt(condition, position);
      const from = chosen === 0 ? b : a;
      return typeof chosen === "number" && from ? broadcastAt(from, position) : undefined;
    }),
  ),
  Expand: expandFold(),
  Tile: whole(([x], sizes) =>
    build(
      sizes,
      (position) =>
        x &&
        elementAt(
          x,
          position.map((place, axis) => place % (x.sizes[axis] ?? 1)),
        ),
    ),
  ),
  Transpose: whole(([x], sizes, { attributes }) => {
    if (!x) return undefined;
    const order = intsAttribute(attributes, "perm") ?? x.sizes.map((_, axis) => x.sizes.length - 1 - axis);
    return build(sizes, (position) =>
      elementAt(
        x,
        x.sizes.map((_, axis) => position[order.indexOf(axis)] ?? 0),
      ),
    );
  }),
  Gather: whole(([x, positions], sizes, { attributes }) => {
    if (!x || !positions) return undefined;
    const axis = normalAxis("gather", intAttribute(attributes, "axis", 0), x.sizes.length);
    const count = positions.sizes.length;
    return build(sizes, (position) => {
      const chosen = elementAt(positions, position.slice(axis, axis + count));
      if (typeof chosen !== "number") return undefined;
      const place = chosen < 0 ? chosen + (x.sizes[axis] ?? 0) : chosen;
      return elementAt(x, [...position.slice(0, axis), place, ...position.slice(axis + count)]);
    });
  }),
  Concat: whole((arrays, sizes, { attributes }) => {
    const axis = normalAxis("concat", intAttribute(attributes, "axis", 0), sizes.length);
    return build(sizes, (position) => {
      let place = position[axis] ?? 0;
      for (const array of arrays) {
        const size = array.sizes[axis] ?? 0;
        if (place < size) return elementAt(array, position.with(axis, place));
        place -= size;
      }
      return undefined;
    });
  }),
  Slice: (node, [output]) => {
    const x = arrayOf(node, 0);
    const numbers = (index: number, name: string): readonly number[] | undefined =>
      intsAttribute(node.attributes, name) ?? node.knowledge.numbers(node.inputs[index]);
    const starts = numbers(1, "starts");
    const sizes = knownSizes(output?.shape ?? [""]);
    if (!x || !starts || !sizes) return [];
    const axes = (numbers(3, "axes") ?? starts.map((_, index) => index)).map((axis) =>
      normalAxis("slice", axis, x.sizes.length),
    );
    const steps = numbers(4, "steps") ?? starts.map(() => 1);
    return one(
      build(sizes, (position) =>
        elementAt(
          x,
          position.map((place, axis) => {
            const which = axes.indexOf(axis);
            if (which < 0) return place;
            const size = x.sizes[axis] ?? 0;
            const [start, step] = [starts[which] ?? 0, steps[which] ?? 1];
            const from = start < 0 ? start + size : start;
            return Math.min(Math.max(from, 0), step < 0 ? size - 1 : size) + place * step;
          }),
        ),
      ),
    );
  },
  ConstantOfShape: (node, [output]) => {
    const sizes = knownSizes(output?.shape ?? [""]);
    const value = node.attributes["value"];
    const [fill = 0] = value && "tensor" in value ? Array.from(value.tensor.data, Number) : [];
    return sizes ? one(build(sizes, () => fill)) : [];
  },
  Range: (node, [output]) => {
    const [start, , step] = [0, 1, 2].map((index) => node.knowledge.numbers(node.inputs[index])?.[0]);
    const [count] = output?.shape ?? [];
    if (start === undefined || step === undefined || typeof count !== "number") return [];
    return one(build([count], ([place = 0]) => start + place * step));
  },
  NonZero: (node) => {
    const x = arrayOf(node, 0);
    if (!x?.elements.every((each) => typeof each === "number")) return [];
    const steps = strides(x.sizes);
    const found = x.elements.flatMap((each, index) => (each === 0 ? [] : [index]));
    const elements = x.sizes.flatMap((size, axis) =>
      found.map((index) => Math.floor(index / (steps[axis] ?? 1)) % size),
    );
    return [{ elements, shape: [x.sizes.length, found.length] }];
  },
  Split: (node, outputs) => {
    const x = arrayOf(node, 0);
    if (x?.sizes.length !== 1) return [];
    let start = 0;
    return outputs.map(({ shape: [size] }) => {
      if (typeof size !== "number") return undefined;
      const elements = x.elements.slice(start, start + size);
      start += size;
      return { elements };
    });
  },
  ReduceProd: reduction("Mul", 1),
  ReduceSum: reduction("Add", 0),
  ReduceMax: reduction("Max", Number.NEGATIVE_INFINITY),
  ReduceMin: reduction("Min", Number.POSITIVE_INFINITY),
};

const floatTypes = new Set([1, 10, 11, 16]);
const boolType = 9;

function one(elements: Elements | undefined): readonly Folded[] {
  return elements ? [{ elements }] : [];
}

function expandFold(): Fold {
  return (node, [output]) => {
    const x = arrayOf(node, 0);
    const sizes = knownSizes(output?.shape ?? [""]);
    return x && sizes ? one(build(sizes, (position) => broadcastAt(x, position))) : [];
  };
}
