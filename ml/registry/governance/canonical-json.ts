import { InvalidInputError } from "../../errors.ts";

/** What JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/**
 * The one text of a JSON value (RFC 8785, JSON Canonicalization Scheme): names sorted by their UTF-16 code units, no spaces,
 * numbers and texts as ECMAScript writes them. Names without a value are left out.
 * @throws {@link InvalidInputError} for numbers that are not finite and texts that are no Unicode
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === "string") return textOf(value);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new InvalidInputError(`JSON has no number ${value}`);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [[name, member] as const],
  );
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${textOf(name)}:${canonicalJson(member)}`).join(",")}}`;
}

function textOf(text: string): string {
  if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text))
    throw new InvalidInputError(`the text ${JSON.stringify(text)} has half a character`);
  return JSON.stringify(text);
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
