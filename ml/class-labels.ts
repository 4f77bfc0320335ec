/** @file Classes as models have them: checked once, picked by place, and told by tensor programs. */
import * as v from "valibot";
import { InvalidInputError } from "./errors.ts";
import type { ClassificationTensors, ClassLabel } from "./estimator.ts";
import { fromData, tensor } from "./graph/create.ts";
import { argmax } from "./graph/functions/reductions.ts";
import { take } from "./graph/functions/indexing.ts";
import type { Tensor } from "./graph/tensor.ts";
import { classCodes, type ClassCodes, type ClassTarget } from "./target.ts";

const ascending = "the classes must be in ascending order";

/** The schema of a model's classes in JSON: at least two, all of one type, in ascending order. */
export const classesSchema = v.union([
  v.pipe(
    v.array(v.string()),
    v.minLength(2),
    v.check((each) => isAscending(each), ascending),
  ),
  v.pipe(
    v.array(v.pipe(v.number(), v.finite())),
    v.minLength(2),
    v.check((each) => isAscending(each), ascending),
  ),
  v.pipe(
    v.array(v.boolean()),
    v.length(2),
    v.check(([first, second]) => first === false && second === true, ascending),
  ),
]);

/**
 * As {@link classCodes}, of classes that a tensor program and JSON can tell: texts, finite numbers or booleans, not mixed.
 * @throws {@link InvalidInputError} for others
 */
export function modelClasses(target: ClassTarget, rows: number): ClassCodes {
  const found = classCodes(target, rows);
  const types = new Set(found.classes.map((each) => typeof each));
  if (types.size > 1)
    throw new InvalidInputError(`the target's classes are of several types: ${[...types].join(", ")}`);
  const infinite = found.classes.find((each) => typeof each === "number" && !Number.isFinite(each));
  if (infinite !== undefined)
    throw new InvalidInputError(`the target has the class ${infinite}, which isn't a finite number`);
  return found;
}

/** The place of each row's largest number, the first of equals; `width` numbers for each row. */
export function largestPlaces(scores: Float64Array, width: number): Int32Array {
  const places = new Int32Array(scores.length / width);
  for (let row = 0; row < places.length; row++) {
    let best = 0;
    for (let place = 1; place < width; place++)
      if ((scores[row * width + place] ?? 0) > (scores[row * width + best] ?? 0)) best = place;
    places[row] = best;
  }
  return places;
}

/** The classes at places among them. */
export function labelsAt(classes: readonly ClassLabel[], places: Int32Array): ClassLabel[] {
  const labels: ClassLabel[] = [];
  for (const place of places) {
    const label = classes[place];
    if (label !== undefined) labels.push(label);
  }
  return labels;
}

/**
 * The likeliest class of each row and the probabilities as a model's outputs.
 * @throws {@link InvalidInputError} where classes are numbers that int64 has not
 */
export function classTensors(
  classes: readonly ClassLabel[],
  probabilities: Tensor<readonly ["rows", number], "float64">,
): ClassificationTensors {
  return {
    label: labelTensor(classes, argmax(probabilities, 1)),
    probabilities: probabilities.cast("float32"),
  };
}

/**
 * The classes at places among them, as a model's output.
 * @throws {@link InvalidInputError} where classes are numbers that int64 has not
 */
export function labelTensor(
  classes: readonly ClassLabel[],
  places: Tensor<readonly ["rows"], "int64">,
): ClassificationTensors["label"] {
  if (classes.every((each) => typeof each === "string")) return take(tensor(classes, "string"), places);
  const odd = classes.find((each) => !Number.isSafeInteger(Number(each)));
  if (odd !== undefined)
    throw new InvalidInputError(`the class ${String(odd)} is no whole number: name the classes by texts`);
  const numbers = BigInt64Array.from(classes, (each) => BigInt(each));
  return take(fromData("int64", numbers, [numbers.length]), places);
}

function isAscending(classes: readonly (string | number)[]): boolean {
  return classes.every((each, at) => at === 0 || (classes[at - 1] ?? each) < each);
}
