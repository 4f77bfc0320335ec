/** @file The likelihood of counts and of yes and no: linear in the features. */
import * as v from "valibot";
import { arrayJson, arraySchema } from "../array-json.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import { fromData } from "../graph/create.ts";
import { finiteNumbers } from "../model-json.ts";
import type { Likelihood } from "./likelihood.ts";

/** The kinds of naive Bayes that are linear. */
export const linearKinds = ["multinomialNaiveBayes", "complementNaiveBayes", "bernoulliNaiveBayes"] as const;
type LinearKind = (typeof linearKinds)[number];

const doubles = finiteNumbers(arraySchema("float64"));

/** What {@link linearLikelihood} is made of, in JSON. */
export const linearSchema = v.object({
  /** What a feature adds, `classes` by `columns`. */
  weights: doubles,
  /** What each class begins with. */
  priors: doubles,
  /** Features are 1 above this number and 0 elsewhere; as they are where absent. */
  binarize: v.optional(v.pipe(v.number(), v.finite())),
});

/** The logarithm of the likelihood as a sum of features times weights. */
export function linearLikelihood(kind: LinearKind, learnt: v.InferOutput<typeof linearSchema>): Likelihood {
  const { weights, priors, binarize } = learnt;
  const width = weights.length / priors.length;
  return {
    kind,
    logarithms: (rows, from, to, joint) => {
      if (binarize === undefined) checkCounts(kind, rows, from, to);
      const { data } = rows;
      let at = 0;
      for (let row = from; row < to; row++) {
        const start = row * width;
        for (const [code, prior] of priors.entries()) {
          const weight = code * width;
          let sum = prior;
          if (binarize === undefined) {
            for (let column = 0; column < width; column++)
              sum += (data[start + column] ?? 0) * (weights[weight + column] ?? 0);
          } else {
            for (let column = 0; column < width; column++)
              if ((data[start + column] ?? 0) > binarize) sum += weights[weight + column] ?? 0;
          }
          joint[at++] = sum;
        }
      }
    },
    trace: (features) => {
      const given = binarize === undefined ? features : features.greater(binarize).cast("float64");
      const matrix = fromData("float64", weights, [priors.length, width]);
      return given.matmul(matrix.transpose()).add(fromData("float64", priors, [1, priors.length]));
    },
    parameters: () => ({
      weights: arrayJson("float64", weights),
      priors: arrayJson("float64", priors),
      ...(binarize === undefined ? {} : { binarize }),
    }),
  };
}

/**
 * Checks that rows hold counts.
 * @throws {@link InvalidInputError} for a negative number
 */
export function checkCounts(kind: string, { data, columns }: DenseMatrix, from: number, to: number): void {
  const width = columns.length;
  for (let at = from * width; at < to * width; at++)
    if ((data[at] ?? 0) < 0)
      throw new InvalidInputError(
        `${kind} needs counts: column "${columns[at % width]}" holds ${data[at]} in row ${Math.floor(at / width)}`,
      );
}
