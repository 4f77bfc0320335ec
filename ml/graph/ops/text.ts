/** @file Texts taken apart. */
import type { Value } from "../value.ts";
import { apply } from "./apply.ts";

/** Texts in lower case, letter by letter, in any language (ONNX's StringNormalizer). */
export function lowerCase(texts: Value): Value {
  // This locale is on every Linux; where it isn't, ONNX Runtime refuses the model rather than compute otherwise.
  return apply("StringNormalizer", [texts], {
    case_change_action: { text: "LOWER" },
    locale: { text: "C.UTF-8" },
  });
}

/**
 * The parts of each of a list of texts that a regular expression (RE2's syntax) finds one after the other, `[texts, most
 * parts]`; "" where a text has fewer (ONNX Runtime's Tokenizer).
 */
export function tokens(texts: Value, pattern: string): Value {
  const attributes = {
    mark: { int: 0 },
    pad_value: { text: "" },
    mincharnum: { int: 1 },
    tokenexp: { text: pattern },
  };
  return apply("Tokenizer", [texts], attributes, { domain: "com.microsoft" });
}

/**
 * How often each of the n-grams, sequences of whole numbers, stands in each row (ONNX's TfIdfVectorizer): float32
 * `[rows, n-grams]`.
 */
export function countSequences(rows: Value, sequences: readonly (readonly number[])[]): Value {
  const lengths = sequences.map(({ length }) => length);
  const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];
  const pool: number[] = [];
  const indexes: number[] = [];
  const starts: number[] = [];
  for (let length = 1; length <= longest; length++) {
    starts.push(pool.length);
    for (const [index, sequence] of sequences.entries()) {
      if (sequence.length !== length) continue;
      pool.push(...sequence);
      indexes.push(index);
    }
  }
  return apply("TfIdfVectorizer", [rows], {
    mode: { text: "TF" },
    min_gram_length: { int: shortest },
    max_gram_length: { int: longest },
    max_skip_count: { int: 0 },
    ngram_counts: { ints: starts },
    ngram_indexes: { ints: indexes },
    pool_int64s: { ints: pool },
  });
}
