/** @file JSON as Python writes and reads it: with `NaN`, `Infinity` and `-Infinity` as numbers. */
import { randomUUID } from "node:crypto";

/** Plain data. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A text that no file holds: stands for NaN where JavaScript's parser has no number for it. */
const mark = randomUUID();

const stringOrWord = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;
const words: Readonly<Record<string, string>> = {
  NaN: `"${mark}"`,
  Infinity: "1e999",
  "-Infinity": "-1e999",
};

/** Reads a text. Throws a SyntaxError where it is none. */
export function parseExtendedJson(text: string): unknown {
  if (!/Infinity|NaN/.test(text)) return JSON.parse(text);
  const plain = text.replaceAll(stringOrWord, (found) => words[found] ?? found);
  return JSON.parse(plain, (_, value: unknown) => (value === mark ? Number.NaN : value));
}

/** Writes a value in one line. */
export function extendedJson(value: Json): string {
  let special = false;
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== "number" || Number.isFinite(item)) return item;
    special = true;
    return `${mark}${item}`;
  });
  return special ? text.replaceAll(new RegExp(`"${mark}(-?Infinity|NaN)"`, "g"), "$1") : text;
}
