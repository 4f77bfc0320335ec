import type { ClassCodes } from "../target.ts";
import type { LinearFit } from "./linear-function.ts";

/**
 * One function for two classes, that of the second; else one for each class against all others. Iterations are the most
 * that a function took.
 * @param fit learns from 1 for rows of the class and −1 for others
 */
export async function oneVersusRest(
  { classes, codes }: ClassCodes,
  fit: (target: Int8Array, place: number) => Promise<LinearFit>,
): Promise<LinearFit> {
  const places = classes.length === 2 ? [1] : classes.map((_, place) => place);
  const fits: LinearFit[] = [];
  for (const place of places)
    fits.push(
      await fit(
        Int8Array.from(codes, (code) => (code === place ? 1 : -1)),
        place,
      ),
    );
  const width = fits[0]?.coefficients.length ?? 0;
  const coefficients = new Float64Array(width * fits.length);
  for (const [at, each] of fits.entries()) coefficients.set(each.coefficients, at * width);
  return {
    coefficients,
    intercepts: Float64Array.from(fits, ({ intercepts }) => intercepts[0] ?? 0),
    iterations: Math.max(...fits.map(({ iterations }) => iterations)),
    converged: fits.every(({ converged }) => converged),
  };
}
