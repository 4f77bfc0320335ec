/** @file How far two answers to one call are apart. */
import type { InferenceResponse, InferenceTensor } from "../inference.ts";

/** What differs. */
export interface AnswerDifference {
  /** Elements that differ by more than the tolerance, or are of another type. */
  readonly different: number;
  /** Elements that were compared. */
  readonly compared: number;
  /** The greatest difference of two numbers. */
  readonly greatest: number;
}

/**
 * Compares answers output by output. An output that one of the two hasn't, or has in another shape, differs in all its elements.
 * @param tolerance by how much numbers may differ, as a share of the greater magnitude; where both are below 1, as such
 */
export function compareAnswers(
  first: InferenceResponse,
  second: InferenceResponse,
  tolerance: number,
): AnswerDifference {
  let [different, compared, greatest] = [0, 0, 0];
  const others = new Map(second.outputs.map((output) => [output.name, output]));
  for (const output of first.outputs) {
    const other = others.get(output.name);
    others.delete(output.name);
    compared += output.data.length;
    if (!other || !isSameShape(output, other)) {
      different += output.data.length;
      continue;
    }
    for (let at = 0; at < output.data.length; at++) {
      const distance = distanceOf(output.data[at], other.data[at]);
      if (distance === 0) continue;
      const magnitude = Math.max(1, Math.abs(Number(output.data[at])), Math.abs(Number(other.data[at])));
      if (!(distance <= tolerance * magnitude)) different += 1;
      if (distance > greatest && distance !== Infinity) greatest = distance;
    }
  }
  for (const { data } of others.values()) {
    compared += data.length;
    different += data.length;
  }
  return { different, compared, greatest };
}

function isSameShape(first: InferenceTensor, second: InferenceTensor): boolean {
  return (
    first.shape.length === second.shape.length && first.shape.every((size, at) => size === second.shape[at])
  );
}

type Element = string | number | bigint | undefined;

function distanceOf(first: Element, second: Element): number {
  if (first === second) return 0;
  if (typeof first === "string" || typeof second === "string") return Infinity;
  const [x, y] = [Number(first), Number(second)];
  if (Number.isNaN(x) && Number.isNaN(y)) return 0;
  const distance = Math.abs(x - y);
  return Number.isNaN(distance) ? Infinity : distance;
}
