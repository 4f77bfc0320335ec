/** @file The elements of a tensor, scanned out of JSON: flat, or as lists in lists. */
import type { InputPlan } from "../plan/model-plan.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import type { JsonScanner } from "./json-scanner.ts";

/** How deep lists may stand in lists. */
const deepest = 8;

/** Reads the elements of an input into the values; false where they aren't in the plain form, or not as many as the shape says. */
export function scanTensor(
  scanner: JsonScanner,
  { datatype, place, shape: sizes }: InputPlan,
  shape: readonly number[],
  into: ModelInputs,
): boolean {
  if (datatype !== "FP32" && datatype !== "FP64") return false;
  const count = countOf(sizes, shape);
  if (count < 0) return false;
  const data = datatype === "FP32" ? new Float32Array(count) : new Float64Array(count);
  if (scanNumbers(scanner, data, 0, 0) !== count || scanner.failed) return false;
  into.tensors[place] = data;
  into.shapes[place] = shape;
  return true;
}

/** The most elements that are made room for before they were seen: more are read the other way. */
const mostElements = 2 ** 22;

/** How many elements a shape has; -1 where it isn't the input's. */
function countOf(sizes: readonly number[], shape: readonly number[]): number {
  if (shape.length !== sizes.length + 1) return -1;
  let count = shape[0] ?? 0;
  for (let axis = 0; axis < sizes.length; axis++) {
    const size = shape[axis + 1] ?? 0;
    if (size < 1 || (sizes[axis] !== -1 && sizes[axis] !== size)) return -1;
    count *= size;
  }
  return count <= mostElements ? count : -1;
}

/** Writes numbers from a place on; the place behind them, or -1 where there are too many. */
function scanNumbers(
  scanner: JsonScanner,
  into: Float32Array | Float64Array,
  from: number,
  depth: number,
): number {
  let at = from;
  const forSingle = into instanceof Float32Array;
  if (depth > deepest || !scanner.beginList()) return scanner.failed || depth > deepest ? -1 : at;
  do {
    if (scanner.isList) {
      at = scanNumbers(scanner, into, at, depth + 1);
      if (at < 0) return -1;
    } else {
      if (at === into.length) return -1;
      into[at++] = scanner.number(forSingle);
    }
  } while (scanner.nextValue());
  return at;
}
