/**
 * @file Texts as words, the same in JavaScript, in DuckDB and in ONNX Runtime: scikit-learn's default, two or more letters,
 * digits and underscores in a row.
 *
 * Lower case is letter by letter, as in the two engines: "Σ" is always "σ", where Python writes "ς" at a word's end, and
 * "İ" is "i". Letters that Unicode has had for a few years only may be unknown to one of them.
 */
import { sqlText } from "../../data/sql-text.ts";

/** What a word is, as a regular expression that all three understand. */
export const wordPattern = String.raw`[\p{L}\p{N}_]{2,}`;

const words = new RegExp(wordPattern, "gu");
const special = /[İΣ]/;

/** The words of a text in their order. */
export function wordsOf(text: string, isLowerCased: boolean): readonly string[] {
  return (isLowerCased ? lowerCase(text) : text).match(words) ?? [];
}

/** {@link wordsOf} as SQL: a list of texts. */
export function wordsSql(sql: string, isLowerCased: boolean): string {
  return `regexp_extract_all(${isLowerCased ? `lower(${sql})` : sql}, ${sqlText(wordPattern)})`;
}

/** A text in lower case, letter by letter. */
export function lowerCase(text: string): string {
  const plain = special.test(text) ? text.replaceAll("İ", "i").replaceAll("Σ", "σ") : text;
  return plain.toLowerCase();
}
