/** @file Texts as a fixed number of features, by the hashes of their words. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { remainder, where } from "../../graph/functions/elementwise.ts";
import { scatter } from "../../graph/functions/indexing.ts";
import { murmurHash as tracedHash } from "../../graph/ops/encoding.ts";
import { positionAmong } from "../../graph/ops/encoding.ts";
import { Tensor } from "../../graph/tensor.ts";
import type { SparseMatrix } from "../../sparse-matrix.ts";
import type { StepDefinition } from "../step.ts";
import { bagsOf, normalise, type Norm } from "../text/bag.ts";
import { murmurHash } from "../text/murmur-hash.ts";
import { tracedNormal, tracedWords, tracedZeros } from "../text/text-program.ts";
import type { TermOptions } from "../text/vocabulary.ts";
import { wordsOf } from "../text/words.ts";
import type { TextColumn, Transformer } from "../transformer.ts";
import { oneColumn, rowsOfTexts } from "./word-features.ts";

/** How {@link hashingVectorizer} places words. */
export interface HashingVectorizerOptions extends TermOptions {
  /** How many features; 1024 where absent. */
  readonly features?: number;
  /** Whether the hash also gives the sign, so that collisions cancel out on average; it does where absent. */
  readonly alternateSign?: boolean;
  /** How rows are scaled; "l2" where absent. */
  readonly norm?: Norm;
}

const state = v.object({
  column: v.string(),
  features: v.pipe(v.number(), v.integer(), v.minValue(1)),
  alternateSign: v.boolean(),
  lowercase: v.boolean(),
  stopWords: v.array(v.string()),
  norm: v.picklist(["l1", "l2", "none"]),
});
type State = v.InferOutput<typeof state>;

const mostRemembered = 1_000_000;

/**
 * Adds 1 or -1 for each word of a text to the feature that the word's hash (MurmurHash3) names: scikit-learn's
 * HashingVectorizer. There is nothing to fit; different words may share a feature. Single words only: ONNX's operators
 * can't join words to sequences before they are hashed.
 * @example columns({ review: hashingVectorizer({ features: 4096 }) })
 */
export function hashingVectorizer(options: HashingVectorizerOptions = {}): Transformer<TextColumn, "number"> {
  const { features = 1024 } = options;
  if (!Number.isInteger(features) || features < 1 || features > 2 ** 20)
    throw new InvalidInputError(`hashingVectorizer: ${features} is no number of features from 1 to 1048576`);
  return { kind: "hashingVectorizer", settings: { ...options } };
}

/** The kind of step behind {@link hashingVectorizer}. */
export const hashingVectorizerStep: StepDefinition<HashingVectorizerOptions, State> = {
  kind: "hashingVectorizer",
  state,
  takes: "text",
  fit: async (options, columns) => {
    const { features = 1024, alternateSign = true, lowercase = true, stopWords = [], norm = "l2" } = options;
    const { name } = oneColumn("hashingVectorizer", columns);
    return { column: name, features, alternateSign, lowercase, stopWords: [...stopWords], norm };
  },
  names: hashNames,
  ofTexts: hashedWords,
  rows: async (fitted, columns, queries) =>
    await rowsOfTexts(columns, queries, (texts) => hashedWords(fitted, texts)),
  trace: ({ features, alternateSign, lowercase, stopWords, norm }, columns) => {
    const words = tracedWords(columns, lowercase);
    // Int64, since int32 has no -(-2³¹).
    const hash = new Tensor(tracedHash(words.value)).cast("int64");
    const counts = new Tensor(positionAmong(words.value, [...new Set(["", ...stopWords])])).less(0);
    const sign = alternateSign ? hash.greaterOrEqual(0).cast("float32").mul(2).sub(1) : 1;
    const amounts = counts.cast("float32").mul(sign);
    const places = where(counts, remainder(hash.abs(), features), hash.mul(0));
    return tracedNormal(scatter(tracedZeros(words, features), places, amounts, 1, { mode: "add" }), norm);
  },
};

function hashedWords(fitted: State, texts: readonly string[]): SparseMatrix {
  const { features, alternateSign, lowercase, norm } = fitted;
  const stopWords = new Set(fitted.stopWords);
  const remembered = new Map<string, number>();
  const hashOf = (word: string): number => {
    const known = remembered.get(word);
    if (known !== undefined) return known;
    const hash = murmurHash(word);
    if (remembered.size < mostRemembered) remembered.set(word, hash);
    return hash;
  };
  return bagsOf(
    texts,
    hashNames(fitted),
    (text, add) => {
      for (const word of wordsOf(text, lowercase)) {
        if (stopWords.has(word)) continue;
        const hash = hashOf(word);
        add(Math.abs(hash) % features, alternateSign && hash < 0 ? -1 : 1);
      }
    },
    (values) => normalise(values, norm),
  );
}

function hashNames({ column, features }: State): readonly string[] {
  return Array.from({ length: features }, (_, at) => `${column} hash ${at}`);
}
