/** @file Texts as counts of words, plain and weighted by how rare they are. */
import {
  checkedNgrams,
  findVocabulary,
  type Vocabulary,
  type VocabularyOptions,
} from "../text/vocabulary.ts";
import type { Norm } from "../text/bag.ts";
import type { SqlColumn, StepDefinition } from "../step.ts";
import type { TextColumn, Transformer } from "../transformer.ts";
import {
  oneColumn,
  rowsOfTexts,
  traceWords,
  wordFeatures,
  wordNames,
  wordState,
  type WordState,
} from "./word-features.ts";

/** How {@link countVectorizer} counts. */
export interface CountVectorizerOptions extends VocabularyOptions {
  /** Whether a term counts once, however often it stands in a text. */
  readonly binary?: boolean;
}

/** How {@link tfidfVectorizer} weighs. */
export interface TfidfVectorizerOptions extends CountVectorizerOptions {
  /** How rows are scaled; "l2" where absent. */
  readonly norm?: Norm;
  /** Whether counts are 1 + ln(count). */
  readonly sublinear?: boolean;
  /**
   * By what counts are multiplied: "smooth" (where absent) ln((1 + texts) / (1 + texts with the term)) + 1, "plain"
   * ln(texts / texts with the term) + 1, or nothing.
   */
  readonly idf?: "smooth" | "plain" | "none";
}

/**
 * A feature for each word, or sequence of words, of the texts of the fit: how often it stands in a text, as scikit-learn's
 * CountVectorizer. Words are two or more letters, digits or underscores in a row. Other words and missing texts give zeros.
 * @example columns({ review: countVectorizer({ ngrams: [1, 2], minDocuments: 5, maxFeatures: 10_000 }) })
 */
export function countVectorizer(options: CountVectorizerOptions = {}): Transformer<TextColumn, "number"> {
  return { kind: "countVectorizer", settings: { ...options } };
}

/**
 * As {@link countVectorizer}, but counts weigh more the rarer a term is, and rows are scaled: scikit-learn's
 * TfidfVectorizer (Spärck Jones, "A statistical interpretation of term specificity", 1972).
 * @example columns({ review: [tfidfVectorizer({ sublinear: true }), truncatedSvd({ components: 100 })] })
 */
export function tfidfVectorizer(options: TfidfVectorizerOptions = {}): Transformer<TextColumn, "number"> {
  return { kind: "tfidfVectorizer", settings: { ...options } };
}

const shared: Pick<
  StepDefinition<unknown, WordState>,
  "state" | "takes" | "names" | "trace" | "rows" | "ofTexts"
> = {
  state: wordState,
  takes: "text",
  names: wordNames,
  trace: traceWords,
  ofTexts: wordFeatures,
  rows: async (state, columns, queries) =>
    await rowsOfTexts(columns, queries, (texts) => wordFeatures(state, texts)),
};

/** The kind of step behind {@link countVectorizer}. */
export const countVectorizerStep: StepDefinition<CountVectorizerOptions, WordState> = {
  ...shared,
  kind: "countVectorizer",
  fit: async (options, columns, queries) => {
    const column = oneColumn("countVectorizer", columns);
    const checked = withNgrams("countVectorizer", options);
    const { terms } = await findVocabulary("countVectorizer", column, checked, queries);
    return { ...stateOf(column, checked, terms), sublinear: false, norm: "none" };
  },
};

/** The kind of step behind {@link tfidfVectorizer}. */
export const tfidfVectorizerStep: StepDefinition<TfidfVectorizerOptions, WordState> = {
  ...shared,
  kind: "tfidfVectorizer",
  fit: async (options, columns, queries) => {
    const { norm = "l2", sublinear = false, idf = "smooth" } = options;
    const column = oneColumn("tfidfVectorizer", columns);
    const checked = withNgrams("tfidfVectorizer", options);
    const vocabulary = await findVocabulary("tfidfVectorizer", column, checked, queries);
    const state = { ...stateOf(column, checked, vocabulary.terms), sublinear, norm };
    return idf === "none" ? state : { ...state, weights: inverseFrequencies(vocabulary, idf) };
  },
};

function inverseFrequencies({ documents, rows }: Vocabulary, idf: "smooth" | "plain"): number[] {
  const more = idf === "smooth" ? 1 : 0;
  return Array.from(documents, (count) => Math.log((rows + more) / (count + more)) + 1);
}

function withNgrams<Options extends VocabularyOptions>(
  kind: string,
  options: Options,
): Options & { readonly ngrams: [number, number] } {
  return { ...options, ngrams: checkedNgrams(kind, options.ngrams ?? [1, 1]) };
}

function stateOf(
  { name }: SqlColumn,
  {
    lowercase = true,
    stopWords = [],
    ngrams,
    binary = false,
  }: CountVectorizerOptions & { readonly ngrams: [number, number] },
  terms: readonly string[],
): Omit<WordState, "sublinear" | "norm"> {
  return { column: name, lowercase, stopWords: [...stopWords], ngrams, terms: [...terms], binary };
}
