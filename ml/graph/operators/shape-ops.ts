/** @file The rules of operators that reshape, transpose, stretch, cut and join. */
import { GraphError } from "../errors.ts";
import {
  broadcastShapes,
  elementCount,
  normalAxes,
  normalAxis,
  showShape,
  type Dimension,
  type Shape,
} from "../shape.ts";
import { integers, knownNumbers, scalar, type Attributes, type Value } from "../value.ts";
import {
  apply,
  applyAll,
  commonDType,
  defineOperator,
  intAttribute,
  intsAttribute,
  required,
  type Application,
} from "../ops/apply.ts";
import { sumTo } from "../ops/reduce.ts";
import { zerosLike } from "../ops/zeros.ts";
import {
  broadcastTo,
  concat,
  reshape,
  sizeOf,
  slice,
  split,
  transpose,
  unsqueeze,
} from "../ops/shape-ops.ts";
import { positionsOf, spreadAlong } from "../ops/scatter.ts";

/** Whole numbers that an operator takes as an attribute in older operator sets, as an input in newer ones. */
export function numbersOf(
  {
    inputs,
    attributes,
    operator = "an operator",
  }: Pick<Application, "inputs"> & { attributes: Attributes; operator?: string },
  index: number,
  attribute: string,
): readonly number[] | undefined {
  const found = intsAttribute(attributes, attribute) ?? knownNumbers(inputs[index]);
  if (!found && inputs[index])
    throw new GraphError(
      `${operator}: its input number ${index + 1} must be known when the program is traced`,
    );
  return found;
}

defineOperator("Shape", {
  infer: (application) => {
    const rank = required(application, 0).shape.length;
    const at = (name: string, otherwise: number): number => {
      const axis = intAttribute(application.attributes, name, otherwise);
      return Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank);
    };
    return [{ dtype: "int64", shape: [Math.max(0, at("end", rank) - at("start", 0))] }];
  },
});
defineOperator("Size", { infer: () => [{ dtype: "int64", shape: [] }] });

defineOperator("Reshape", {
  infer: (application) => {
    const x = required(application, 0);
    const target = numbersOf(application, 1, "shape");
    if (!target) throw new GraphError("Reshape needs a shape");
    const zeroCopies = intAttribute(application.attributes, "allowzero", 0) === 0;
    const sizes = target.map((size, axis): Dimension =>
      size === 0 && zeroCopies ? (x.shape[axis] ?? 0) : size,
    );
    return [{ dtype: x.dtype, shape: fillFree(x.shape, sizes) }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    return [reshape(context.gradient, x.shape, [x]), undefined];
  },
});

/**
 * The shape that a reshape to `to` gives, of which one size may be -1: what remains.
 * @throws {@link GraphError} when the number of elements would change
 */
export function fillFree(from: Shape, to: Shape): Shape {
  const free = to.indexOf(-1);
  if (free < 0) {
    const [before, after] = [elementCount(from), elementCount(to)];
    if (before !== undefined && after !== undefined && before !== after)
      throw new GraphError(
        `reshape: ${showShape(from)} has ${before} elements, ${showShape(to)} has ${after}`,
      );
    return to;
  }
  const names = from.filter((size) => typeof size === "string" && !to.includes(size));
  const product = (shape: Shape): number =>
    shape.reduce<number>(
      (total, size) => (typeof size === "number" && size !== -1 ? total * size : total),
      1,
    );
  const quotient = product(from) / product(to);
  if (names.length === 0 && !Number.isInteger(quotient))
    throw new GraphError(`reshape: ${showShape(from)} does not divide into ${showShape(to)}`);
  const size = names.length === 0 ? quotient : [...names, ...(quotient === 1 ? [] : [quotient])].join("*");
  return to.with(free, size);
}

defineOperator("Flatten", {
  infer: (application) => {
    const x = required(application, 0);
    const axis = intAttribute(application.attributes, "axis", 1);
    const at = axis < 0 ? axis + x.shape.length : axis;
    const fold = (shape: Shape): Dimension => fillFree(shape, [-1])[0] ?? 1;
    return [{ dtype: x.dtype, shape: [fold(x.shape.slice(0, at)), fold(x.shape.slice(at))] }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    return [reshape(context.gradient, x.shape, [x])];
  },
});

defineOperator("Transpose", {
  infer: (application) => {
    const x = required(application, 0);
    return [
      { dtype: x.dtype, shape: permutation(application.attributes, x).map((axis) => x.shape[axis] ?? 1) },
    ];
  },
  gradient: (context) => {
    const order = permutation(context.attributes, required(context, 0));
    const inverse = order.map((_, axis) => order.indexOf(axis));
    return [transpose(context.gradient, inverse)];
  },
});

function permutation(attributes: Attributes, x: Value): readonly number[] {
  const rank = x.shape.length;
  return intsAttribute(attributes, "perm") ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}

defineOperator("Expand", {
  infer: (application) => {
    const x = required(application, 0);
    const target = numbersOf(application, 1, "shape");
    if (!target) throw new GraphError("Expand needs a shape");
    return [{ dtype: x.dtype, shape: broadcastShapes("broadcastTo", x.shape, target) }];
  },
  gradient: (context) => [sumTo(context.gradient, required(context, 0).shape), undefined],
});

defineOperator("Squeeze", {
  infer: (application) => {
    const x = required(application, 0);
    const named = numbersOf(application, 1, "axes");
    const axes = named
      ? normalAxes("squeeze", named, x.shape.length)
      : x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
    const wrong = axes.find((axis) => x.shape[axis] !== 1);
    if (wrong !== undefined)
      throw new GraphError(`squeeze: axis ${wrong} of ${showShape(x.shape)} has not size 1`);
    return [{ dtype: x.dtype, shape: x.shape.filter((_, axis) => !axes.includes(axis)) }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    return [reshape(context.gradient, x.shape, [x]), undefined];
  },
});

defineOperator("Unsqueeze", {
  infer: (application) => {
    const x = required(application, 0);
    const axes = numbersOf(application, 1, "axes") ?? [];
    const rank = x.shape.length + axes.length;
    const added = normalAxes("unsqueeze", axes, rank);
    const rest = [...x.shape];
    const shape = Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : (rest.shift() ?? 1)));
    return [{ dtype: x.dtype, shape }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    return [reshape(context.gradient, x.shape, [x]), undefined];
  },
});

defineOperator("Concat", {
  infer: (application) => {
    const parts = application.inputs.map((_, index) => required(application, index));
    const dtype = commonDType("concat", parts);
    const first = required(application, 0).shape;
    const axis = normalAxis("concat", intAttribute(application.attributes, "axis", 0), first.length);
    for (const { shape } of parts) {
      if (shape.length !== first.length || shape.some((size, at) => at !== axis && size !== first[at]))
        throw new GraphError(
          `concat: ${showShape(first)} and ${showShape(shape)} differ beside axis ${axis}`,
        );
    }
    const sizes = parts.map(({ shape }) => shape[axis] ?? 1);
    const total =
      elementCount(sizes) === undefined ? sizes.join("+") : sizes.reduce<number>((a, b) => a + Number(b), 0);
    return [{ dtype, shape: first.with(axis, total) }];
  },
  gradient: ({ inputs, attributes, gradient }) => {
    const axis = normalAxis("concat", intAttribute(attributes, "axis", 0), gradient.shape.length);
    const parts = inputs.map((_, index) => required({ inputs }, index));
    const sizes = parts.map(({ shape }) => shape[axis]);
    if (sizes.every((size) => typeof size === "number")) return split(gradient, sizes, axis);
    const counts = concat(
      parts.map((part) => sizeOf(part, axis)),
      0,
    );
    const types = parts.map(({ dtype, shape }) => ({ dtype, shape }));
    return applyAll(
      "Split",
      [gradient, counts],
      { axis: { int: axis } },
      { outputCount: parts.length, types },
    );
  },
});

defineOperator("Split", {
  infer: (application) => {
    const x = required(application, 0);
    const axis = normalAxis("split", intAttribute(application.attributes, "axis", 0), x.shape.length);
    const total = x.shape[axis];
    const named = numbersOf(application, 1, "split");
    if (!named && typeof total !== "number")
      throw new GraphError("split: the parts' sizes must be given where the axis' size is not known");
    const { outputCount } = application;
    const size = Math.ceil(Number(total) / outputCount);
    const sizes =
      named ?? Array.from({ length: outputCount }, (_, part) => Math.min(size, Number(total) - part * size));
    const sum = sizes.reduce((a, b) => a + b, 0);
    if (typeof total === "number" && sum !== total)
      throw new GraphError(`split: parts of ${sizes.join(" + ")} do not make ${total}`);
    return sizes.map((part) => ({ dtype: x.dtype, shape: x.shape.with(axis, part) }));
  },
  gradient: ({ outputs, attributes, gradients, inputs: [x] }) => {
    const axis = normalAxis("split", intAttribute(attributes, "axis", 0), x?.shape.length ?? 0);
    const parts = outputs.map((output, index) => gradients[index] ?? zerosLike(output));
    return [concat(parts, axis), undefined];
  },
});

interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** What a Slice takes of each axis; positions past the ends are drawn in where the size is known. */
function cuts(slicing: Pick<Application, "inputs"> & { attributes: Attributes; operator?: string }): Cut[] {
  const x = required(slicing, 0);
  const starts = numbersOf(slicing, 1, "starts");
  const ends = numbersOf(slicing, 2, "ends");
  if (!starts || !ends) throw new GraphError("Slice needs starts and ends");
  const axes = numbersOf(slicing, 3, "axes") ?? starts.map((_, index) => index);
  const steps = numbersOf(slicing, 4, "steps") ?? starts.map(() => 1);
  return starts.map((start, index) => {
    const axis = normalAxis("slice", axes[index] ?? 0, x.shape.length);
    return { axis, start, end: ends[index] ?? 0, step: steps[index] ?? 1 };
  });
}

/** Start, end and count of a cut in an axis of known size, by the ONNX specification of Slice. */
function inside({ start, end, step }: Cut, size: number): { start: number; count: number } {
  const from = start < 0 ? start + size : start;
  const to = end < 0 ? end + size : end;
  const [first, last] =
    step > 0
      ? [Math.min(Math.max(from, 0), size), Math.min(Math.max(to, 0), size)]
      : [Math.min(Math.max(from, 0), size - 1), Math.min(Math.max(to, -1), size - 1)];
  // A negative end beyond the first element means "through the first element" only below -size.
  const stop = step < 0 && end < -size ? -1 : last;
  return { start: first, count: Math.max(0, Math.ceil((stop - first) / step)) };
}

defineOperator("Slice", {
  infer: (application) => {
    const x = required(application, 0);
    let shape: Shape = x.shape;
    for (const cut of cuts(application)) {
      const size = x.shape[cut.axis] ?? 1;
      const whole = cut.start === 0 && cut.step === 1 && cut.end >= 2 ** 31 - 1;
      if (whole || isReversal(cut)) continue;
      const count =
        typeof size === "number" ? inside(cut, size).count : `${size}[${cut.start}:${cut.end}:${cut.step}]`;
      shape = shape.with(cut.axis, count);
    }
    return [{ dtype: x.dtype, shape }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    let { gradient } = context;
    const before = x.shape.map(() => 0);
    const after = x.shape.map(() => 0);
    for (const cut of cuts(context)) {
      const size = x.shape[cut.axis];
      if (isReversal(cut)) {
        gradient = slice(gradient, [{ axis: cut.axis, start: -1, step: -1 }]);
        continue;
      }
      if (typeof size !== "number") {
        // How much is missing at the ends is known only when the program runs.
        const like = zerosOf(x, gradient.shape.with(cut.axis, size ?? 1));
        gradient = spreadAlong(like, positionsOf(x, cut), gradient, cut.axis);
        continue;
      }
      const { start, count } = inside(cut, size);
      const step = Math.abs(cut.step);
      if (cut.step < 0) gradient = slice(gradient, [{ axis: cut.axis, start: -1, step: -1 }]);
      const first = cut.step < 0 ? start - (count - 1) * step : start;
      if (step > 1) gradient = spread(gradient, cut.axis, step);
      const length = count === 0 ? 0 : (count - 1) * step + 1;
      before[cut.axis] = count === 0 ? 0 : first;
      after[cut.axis] = size - length - (before[cut.axis] ?? 0);
    }
    const padded = [...before, ...after].every((count) => count === 0)
      ? gradient
      : apply("Pad", [gradient, integers([...before, ...after])]);
    return [padded, ...context.inputs.slice(1).map(() => undefined)];
  },
});

/** Whether a cut takes all of an axis from the end. */
function isReversal({ start, end, step }: Cut): boolean {
  return start === -1 && step === -1 && end < -(2 ** 31 - 1);
}

/** Zeros of a shape whose named sizes are those of a value. */
function zerosOf(x: Value, shape: Shape): Value {
  return broadcastTo(scalar(x.dtype, 0), shape, [x]);
}

/** With `step - 1` zeros between the elements of an axis. */
function spread(x: Value, axis: number, step: number): Value {
  const apart = unsqueeze(x, axis + 1);
  const zeros = apart.shape.map(() => 0);
  const padded = apply("Pad", [apart, integers([...zeros, ...zeros.with(axis + 1, step - 1)])]);
  const size = Number(x.shape[axis]);
  const joined = reshape(padded, x.shape.with(axis, size * step));
  return slice(joined, [{ axis, start: 0, end: (size - 1) * step + 1 }]);
}
