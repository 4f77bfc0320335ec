/**
 * @file What is known of values while a model is imported: the elements of constants and of what is computed from shapes.
 *
 * An element is a number or a name that stands for a size. What is computed from floating parameters and inputs is never
 * known, even where those are given as data.
 */
import { isFloat } from "../dtype.ts";
import { elementCount, type Dimension, type Shape } from "../shape.ts";
import { arrayOfNumbers, constant, knownNumbers, type Value, type ValueType } from "../value.ts";

/** Elements in row-major order. */
export type Elements = readonly Dimension[];

/** Shapes, positions and masks are small; what is larger is left to the runtime. */
const mostIntegers = 2 ** 14;
const mostFloats = 64;

/** What is known of the values of one import. */
export class Knowledge {
  readonly #constants = new Set<Value>();
  readonly #elements = new Map<Value, Elements>();
  #names = 0;

  /** Notes that a value is a constant of the model. */
  addConstant(value: Value): Value {
    this.#constants.add(value);
    return value;
  }

  /** The elements of a value, names among them; undefined where not all are known. */
  elements(value: Value | undefined): Elements | undefined {
    if (!value) return undefined;
    const known = this.#elements.get(value);
    // Whole numbers that are given as data, such as a shape, are known as they are everywhere in programs.
    const isKnown = this.#constants.has(value) || !isFloat(value.dtype);
    if (known || !isKnown || !isFoldable(value)) return known;
    const numbers = knownNumbers(value);
    if (numbers) this.#elements.set(value, numbers);
    return numbers;
  }

  /** The elements of a value where all are numbers. */
  numbers(value: Value | undefined): readonly number[] | undefined {
    const elements = this.elements(value);
    return elements?.every((element) => typeof element === "number") ? elements : undefined;
  }

  /** A value whose elements are found out: a constant where they all are numbers, else the value itself. */
  learn(value: Value, elements: Elements, shape: Shape = value.shape): Value {
    if (elements.length !== elementCount(shape)) return value;
    const type = { dtype: value.dtype, shape };
    if (!isFoldable(type)) return value;
    if (!elements.every((element) => typeof element === "number")) {
      this.#elements.set(value, elements);
      return value;
    }
    return this.constant(type, elements);
  }

  /** A new constant. */
  constant({ dtype, shape }: ValueType, numbers: readonly number[]): Value {
    const inside = dtype === "int64" ? numbers.map(clamp) : numbers;
    const made = constant(dtype, arrayOfNumbers(dtype, inside), shape.map(Number));
    this.#elements.set(made, knownNumbers(made) ?? []);
    return this.addConstant(made);
  }

  /** A name for a size that only a run knows. */
  freshSize(what: string): string {
    return `${what}.${++this.#names}`;
  }
}

function isFoldable({ dtype, shape }: ValueType): boolean {
  const count = elementCount(shape);
  if (count === undefined || dtype === "string" || dtype === "float16" || dtype === "bfloat16") return false;
  return count <= (isFloat(dtype) ? mostFloats : mostIntegers);
}

/** "To the end" is written as the largest int64, which no JavaScript number equals. */
const largest = 2 ** 63 - 1024;
const clamp = (value: number): number => Math.min(Math.max(value, -(2 ** 63)), largest);
