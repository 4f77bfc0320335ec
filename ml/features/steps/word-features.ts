/** @file What the steps share that count the words and sequences of words of a vocabulary. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { tensor } from "../../graph/create.ts";
import { where } from "../../graph/functions/elementwise.ts";
import type { ClassTarget } from "../../target.ts";
import type { SparseMatrix } from "../../sparse-matrix.ts";
import type { FitQueries, MatrixWithTarget, SqlColumn, TracedColumn } from "../step.ts";
import { bagsOf, normalise } from "../text/bag.ts";
import { tracedCounts, tracedNormal, tracedWords } from "../text/text-program.ts";
import { wordsOf } from "../text/words.ts";
import type { Tensor } from "../../graph/tensor.ts";

/** Terms and what is made of their counts. */
export const wordState = v.pipe(
  v.object({
    /** The column of texts. */
    column: v.string(),
    lowercase: v.boolean(),
    stopWords: v.array(v.string()),
    ngrams: v.tuple([v.number(), v.number()]),
    /** Words, or words joined by spaces. */
    terms: v.pipe(v.array(v.string()), v.minLength(1)),
    /** Whether a term counts once, however often it stands in a text. */
    binary: v.boolean(),
    /** Whether counts are 1 + ln(count). */
    sublinear: v.boolean(),
    /** By what each term's count is multiplied; 1 where absent. */
    weights: v.optional(v.array(v.number())),
    norm: v.picklist(["l1", "l2", "none"]),
  }),
  v.check(
    ({ terms, weights }) => weights === undefined || weights.length === terms.length,
    "there must be a weight for each term",
  ),
);

/** See {@link wordState}. */
export type WordState = v.InferOutput<typeof wordState>;

/** The features of texts. */
export function wordFeatures(state: WordState, texts: readonly string[]): SparseMatrix {
  const { lowercase, ngrams, terms, binary, sublinear, weights, norm } = state;
  const [least, most] = ngrams;
  const features = new Map(terms.map((term, at) => [term, at]));
  const stopWords = new Set(state.stopWords);
  return bagsOf(
    texts,
    wordNames(state),
    (text, add) => {
      const all = wordsOf(text, lowercase);
      const words = stopWords.size === 0 ? all : all.filter((word) => !stopWords.has(word));
      for (let length = least; length <= most; length++) {
        for (let at = 0; at + length <= words.length; at++) {
          const term = length === 1 ? (words[at] ?? "") : words.slice(at, at + length).join(" ");
          const feature = features.get(term);
          if (feature !== undefined) add(feature, 1);
        }
      }
    },
    (values, found) => {
      for (let at = 0; at < values.length; at++) {
        const count = binary ? 1 : (values[at] ?? 0);
        values[at] = (sublinear ? 1 + Math.log(count) : count) * (weights?.[found[at] ?? 0] ?? 1);
      }
      normalise(values, norm);
    },
  );
}

/** The names of the features. */
export function wordNames({ column, terms }: WordState): readonly string[] {
  return terms.map((term) => `${column}: ${term}`);
}

/** The features as a tensor program, in float32 as ONNX counts. */
export function traceWords(state: WordState, columns: readonly TracedColumn[]): Tensor {
  const { lowercase, stopWords, terms, binary, sublinear, weights, norm } = state;
  const counts = tracedCounts(tracedWords(columns, lowercase), terms, stopWords);
  const once = binary ? counts.greater(0).cast("float32") : counts;
  const damped = sublinear ? where(once.greater(0), once.log().add(1), 0) : once;
  const weighted = weights ? damped.mul(tensor([weights])) : damped;
  return tracedNormal(weighted, norm);
}

/** The one column of texts that such a step takes. Throws {@link InvalidInputError} where there are several. */
export function oneColumn(kind: string, columns: readonly SqlColumn[]): SqlColumn {
  const [column, other] = columns;
  if (!column || other)
    throw new InvalidInputError(`${kind} takes one column of texts, not ${columns.length}`);
  return column;
}

/** The features of the fit's own rows, and the target. */
export async function rowsOfTexts(
  columns: readonly SqlColumn[],
  queries: FitQueries,
  featuresOf: (texts: readonly string[]) => SparseMatrix,
): Promise<MatrixWithTarget> {
  const { target, isTargetText } = queries;
  const texts = columns[0]?.sql ?? "''";
  if (target === undefined) {
    const read = await queries.columns((from) => `SELECT ${texts} AS texts FROM ${from}`, {
      texts: "text",
    });
    return { matrix: featuresOf(read.texts), target: undefined };
  }
  const sql = (from: string): string => `SELECT ${texts} AS texts, ${target} AS y FROM ${from}`;
  const read: { readonly texts: readonly string[]; readonly y: ClassTarget } = isTargetText
    ? await queries.columns(sql, { texts: "text", y: "text" })
    : await queries.columns(sql, { texts: "text", y: "number" });
  return { matrix: featuresOf(read.texts), target: read.y };
}
