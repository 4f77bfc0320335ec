/**
 * @file Arithmetic on few whole numbers that are known, done when a program is built instead of when it runs.
 *
 * This is what shapes are computed with: programs of other tools take the sizes of a tensor apart and put them together
 * again, and what is reshaped by them has a known shape only then. All else is left to ONNX Runtime, which computes
 * constants once when it loads a program.
 */
import { knownSizes } from "../shape.ts";
import {
  arrayOfNumbers,
  constant,
  knownNumbers,
  type Attributes,
  type Value,
  type ValueType,
} from "../value.ts";
import { intAttribute, intsAttribute } from "./attributes.ts";

const limit = 64;

interface Known {
  readonly numbers: readonly number[];
  readonly rank: number;
}

/** The one output of an operator on known whole numbers; undefined where it isn't one, or isn't known. */
export function fold(
  operator: string,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes,
  outputs: readonly ValueType[],
): Value | undefined {
  const [output, ...others] = outputs;
  const shape = output && knownSizes(output.shape);
  if (!output || !shape || others.length > 0 || !isWhole(output) || countOf(output) > limit) return undefined;
  const numbers =
    operator === "Shape" || operator === "Size"
      ? foldSizes(operator, inputs[0], attributes)
      : foldRule(operator, inputs, attributes);
  if (numbers?.length !== countOf(output) || !numbers.every(Number.isSafeInteger)) return undefined;
  return constant(output.dtype, arrayOfNumbers(output.dtype, numbers), shape);
}

const isWhole = ({ dtype }: ValueType): boolean => dtype === "int64" || dtype === "int32" || dtype === "bool";

function countOf({ shape }: ValueType): number {
  return shape.reduce<number>((product, size) => product * Number(size), 1);
}

function foldSizes(
  operator: string,
  x: Value | undefined,
  attributes: Attributes,
): readonly number[] | undefined {
  const sizes = x && knownSizes(x.shape);
  if (!sizes) return undefined;
  if (operator === "Size") return [countOf(x)];
  return sizes.slice(intAttribute(attributes, "start", 0), intAttribute(attributes, "end", sizes.length));
}

function foldRule(
  operator: string,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes,
): readonly number[] | undefined {
  const rule = rules[operator];
  if (!rule) return undefined;
  const known: Known[] = [];
  for (const each of inputs) {
    if (!each || !isWhole(each) || each.shape.length > 1 || countOf(each) > limit) return undefined;
    const numbers = knownNumbers(each);
    if (!numbers) return undefined;
    known.push({ numbers, rank: each.shape.length });
  }
  return rule(known, attributes);
}

type Rule = (inputs: readonly Known[], attributes: Attributes) => readonly number[] | undefined;

/** Element by element, scalars and vectors of one element stretched. */
function elementwise(compute: (a: number, b: number, c: number) => number): Rule {
  return (inputs) => {
    const count = Math.max(...inputs.map(({ numbers }) => numbers.length));
    if (inputs.some(({ numbers }) => numbers.length !== 1 && numbers.length !== count)) return undefined;
    const at = (input: Known | undefined, index: number): number =>
      input?.numbers[input.numbers.length === 1 ? 0 : index] ?? 0;
    return Array.from({ length: count }, (_, index) =>
      compute(at(inputs[0], index), at(inputs[1], index), at(inputs[2], index)),
    );
  };
}

const same: Rule = ([x]) => x?.numbers;

const rules: Readonly<Record<string, Rule>> = {
  Identity: same,
  Reshape: same,
  Squeeze: same,
  Unsqueeze: same,
  Cast: same,
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  // Division by zero is no safe integer, and so is left alone.
  Div: elementwise((a, b) => Math.trunc(a / b)),
  Min: (inputs, attributes) =>
    inputs.length === 2 ? elementwise((a, b) => Math.min(a, b))(inputs, attributes) : undefined,
  Max: (inputs, attributes) =>
    inputs.length === 2 ? elementwise((a, b) => Math.max(a, b))(inputs, attributes) : undefined,
  Neg: elementwise((a) => 0 - a),
  Equal: elementwise((a, b) => Number(a === b)),
  Where: elementwise((condition, a, b) => (condition === 0 ? b : a)),
  Concat: (inputs) => inputs.flatMap(({ numbers }) => numbers),
  Gather: ([x, positions]) =>
    x?.rank === 1 ? positions?.numbers.map((at) => x.numbers.at(at) ?? Number.NaN) : undefined,
  ReduceProd: ([x, axes], attributes) => {
    const over = intsAttribute(attributes, "axes") ?? axes?.numbers;
    if (over?.length === 0) return undefined;
    return [x?.numbers.reduce((product, each) => product * each, 1) ?? 1];
  },
  Slice: ([x, starts, ends, , steps]) => {
    const step = steps?.numbers[0] ?? 1;
    if (!x || step !== 1 || starts?.numbers.length !== 1) return undefined;
    return x.numbers.slice(starts.numbers[0], ends?.numbers[0]);
  },
};
