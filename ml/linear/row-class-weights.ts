/** @file How much rows count by their classes. */
import { InvalidInputError } from "../errors.ts";
import type { ClassCodes } from "../target.ts";

/**
 * How much rows of each class count beside their own weights: "balanced" is inversely to the class's weight, `weight of all
 * rows / (classes · weight of the class's rows)`; or a number for each class by its text, 1 for those that aren't named.
 */
export type ClassWeight = "balanced" | Readonly<Record<string, number>>;

/**
 * The factor of each class, in order.
 * @throws {@link InvalidInputError} for names that are no class, and for numbers that aren't finite or are negative
 */
export function classFactors(
  classWeight: ClassWeight | undefined,
  weights: Float64Array | undefined,
  { classes, codes }: ClassCodes,
): Float64Array | undefined {
  if (classWeight === undefined) return undefined;
  if (classWeight === "balanced") {
    const totals = new Float64Array(classes.length);
    for (const [row, code] of codes.entries()) totals[code] = (totals[code] ?? 0) + (weights?.[row] ?? 1);
    const all = totals.reduce((sum, total) => sum + total, 0);
    return totals.map((total) => (total === 0 ? 0 : all / (classes.length * total)));
  }
  const names = classes.map(String);
  const given = new Map(Object.entries(classWeight));
  const odd = [...given.keys()].find((name) => !names.includes(name));
  if (odd !== undefined)
    throw new InvalidInputError(`classWeight names "${odd}": the classes are ${names.join(", ")}`);
  return Float64Array.from(names, (name) => {
    const factor = given.get(name) ?? 1;
    if (factor >= 0 && factor < Infinity) return factor;
    throw new InvalidInputError(
      `the weight of class "${name}" is ${factor}: a finite number from 0 up is needed`,
    );
  });
}

/**
 * Each row's weight times its class's factor; undefined where all count the same.
 * @throws {@link InvalidInputError} where fewer than two classes have rows that count
 */
export function weighRows(
  weights: Float64Array | undefined,
  factors: Float64Array | undefined,
  { classes, codes }: ClassCodes,
): Float64Array | undefined {
  if (weights === undefined && factors === undefined) return undefined;
  const all = Float64Array.from(codes, (code, row) => (weights?.[row] ?? 1) * (factors?.[code] ?? 1));
  const counted = new Set(codes.filter((_, row) => (all[row] ?? 0) > 0));
  if (counted.size < 2)
    throw new InvalidInputError(
      `rows that count are of ${counted.size} of ${classes.length} classes: at least 2 are needed`,
    );
  return all;
}

/**
 * The factors where one class is set against the others, in their order: of more than two classes the others' are 1, as
 * liblinear and scikit-learn have it.
 */
export function factorsAgainstRest(
  factors: Float64Array | undefined,
  place: number,
): Float64Array | undefined {
  if (factors === undefined || factors.length === 2) return factors;
  return factors.map((factor, at) => (at === place ? factor : 1));
}
