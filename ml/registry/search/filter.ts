/**
 * @file MLflow's filter language: comparisons joined by AND.
 *
 * A comparison is `entity.key OPERATOR value`; without an entity the key is an attribute. Keys with other than letters,
 * digits, `_`, `.`, `-`, `/` and `:` stand in backticks or double quotes, texts in single or double quotes.
 */
import { invalidParameter } from "../mlflow-error.ts";
import type { Entity, SearchLanguage } from "./language.ts";
import { type FilterToken, tokenize } from "./tokens.ts";

export type Operator =
  "=" | "!=" | "<" | "<=" | ">" | ">=" | "LIKE" | "ILIKE" | "IN" | "NOT IN" | "IS NULL" | "IS NOT NULL";

export interface Comparison {
  readonly entity: Entity;
  readonly key: string;
  readonly operator: Operator;
  /** Null where the operator takes none. */
  readonly value: number | string | readonly string[] | null;
}

const numericOperators: readonly Operator[] = ["=", "!=", "<", "<=", ">", ">="];
const textOperators: readonly Operator[] = ["=", "!=", "LIKE", "ILIKE"];

/** Below what SQLite takes in one statement. */
const mostComparisons = 500;
const mostListed = 10_000;

/** Parses a filter; an empty one compares nothing. Throws MLflow's INVALID_PARAMETER_VALUE that says what is wrong. */
export function parseFilter(filter: string, language: SearchLanguage): readonly Comparison[] {
  const reader = new TokenReader(tokenize(filter), filter);
  const comparisons: Comparison[] = [];
  while (!reader.done) {
    if (comparisons.length > 0 && !reader.takeWord("AND")) throw reader.invalid();
    comparisons.push(parseComparison(reader, language));
    if (comparisons.length > mostComparisons)
      throw invalidParameter(`A filter can hold at most ${mostComparisons} comparisons.`);
  }
  return comparisons;
}

function parseComparison(reader: TokenReader, language: SearchLanguage): Comparison {
  const { entity, key } = parseIdentifier(reader, language);
  const operator = parseOperator(reader);
  const base = { entity, key, operator };
  if (operator === "IS NULL" || operator === "IS NOT NULL") {
    if (!language.nullable.includes(entity))
      throw invalidParameter(`IS NULL / IS NOT NULL is not supported for ${entity} '${key}'`);
    return { ...base, value: null };
  }
  const numeric = entity === "metric" || (entity === "attribute" && attribute(language, key).numeric);
  checkOperator(base, numeric, language);
  if (operator === "IN" || operator === "NOT IN") return { ...base, value: parseList(reader) };
  const token = reader.next();
  if (numeric) {
    if (token.kind !== "number")
      throw invalidParameter(
        `Expected numeric value type for ${entity === "metric" ? "metric" : `numeric attribute: ${key}`}. Found ${token.source}`,
      );
    return { ...base, value: Number(token.text) };
  }
  if (!isQuoted(token))
    throw invalidParameter(
      `Expected a quoted string value for ${entity === "attribute" ? "attributes" : `${entity} (e.g. 'my-value')`}. Got value ${token.source}`,
    );
  return { ...base, value: token.text };
}

/** The column that an attribute's name stands for. Names are checked when a filter is parsed. */
export function attribute(
  language: SearchLanguage,
  key: string,
): SearchLanguage["attributes"][string] & object {
  const found = Object.hasOwn(language.attributes, key) ? language.attributes[key] : undefined;
  if (found) return found;
  const names = Object.keys(language.attributes).map((name) => `'${name}'`);
  throw invalidParameter(`Invalid attribute key '${key}' specified. Valid keys are '{${names.join(", ")}}'`);
}

/** `[entity.]key`, of a filter or an ordering. */
export function parseIdentifier(
  reader: TokenReader,
  language: SearchLanguage,
): { readonly entity: Entity; readonly key: string } {
  const first = reader.next();
  if (first.kind === "text" || first.kind === "operator" || first.kind === "punctuation")
    throw reader.invalid();
  if (!reader.takePunctuation(".")) {
    attribute(language, first.text);
    return { entity: "attribute", key: first.text };
  }
  const entity = Object.hasOwn(language.entities, first.text) ? language.entities[first.text] : undefined;
  if (!entity) {
    const names = [...new Set(Object.values(language.entities))].map((name) => `'${name}'`);
    throw invalidParameter(`Invalid entity type '${first.text}'. Valid values are [${names.join(", ")}]`);
  }
  const parts = [reader.next()];
  while (parts.at(-1)?.kind !== "quotedName" && reader.takePunctuation(".")) parts.push(reader.next());
  if (parts.some(({ kind }) => kind !== "name" && kind !== "quotedName" && kind !== "number"))
    throw reader.invalid();
  const key = parts.map(({ text }) => text).join(".");
  if (entity === "attribute") attribute(language, key);
  if (entity === "dataset" && !["name", "digest", "context"].includes(key))
    throw invalidParameter(
      `Invalid dataset key '${key}' specified. Valid keys are '{'name', 'digest', 'context'}'`,
    );
  return { entity, key };
}

function parseOperator(reader: TokenReader): Operator {
  const token = reader.next();
  if (token.kind === "operator") return token.text === "<>" ? "!=" : (token.text as Operator);
  const word = token.kind === "name" ? token.text.toUpperCase() : "";
  if (word === "LIKE" || word === "ILIKE" || word === "IN") return word;
  if (word === "NOT" && reader.takeWord("IN")) return "NOT IN";
  if (word === "IS") {
    const not = reader.takeWord("NOT");
    if (reader.takeWord("NULL")) return not ? "IS NOT NULL" : "IS NULL";
  }
  throw reader.invalid();
}

function checkOperator(
  { entity, key, operator }: Pick<Comparison, "entity" | "key" | "operator">,
  numeric: boolean,
  language: SearchLanguage,
): void {
  const list = operator === "IN" || operator === "NOT IN";
  if (list && !numeric && (entity === "dataset" || (entity === "attribute" && language.lists.includes(key))))
    return;
  if (list && entity === "attribute" && !numeric)
    throw invalidParameter(
      `Only [${language.lists.map((name) => `'${name}'`).join(", ")}] attributes support comparison with a list of quoted string values.`,
    );
  const id = entity === "attribute" && attribute(language, key).id === true;
  const allowed = numeric ? numericOperators : id ? textOperators.slice(0, 2) : textOperators;
  if (!allowed.includes(operator))
    throw invalidParameter(
      `Invalid comparator '${operator}' for ${entity} '${key}': not one of ${allowed.join(", ")}`,
    );
}

function parseList(reader: TokenReader): readonly string[] {
  const illFormed = (): Error =>
    invalidParameter(
      "While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.",
    );
  if (!reader.takePunctuation("(")) throw illFormed();
  const values: string[] = [];
  while (!reader.takePunctuation(")")) {
    if (values.length > 0 && !reader.takePunctuation(",")) throw illFormed();
    if (values.length > 0 && reader.takePunctuation(")")) break;
    const token = reader.next();
    if (!isQuoted(token)) throw illFormed();
    values.push(token.text);
    if (values.length > mostListed) throw invalidParameter(`A list can hold at most ${mostListed} values.`);
  }
  if (values.length === 0) throw illFormed();
  return values;
}

function isQuoted({ kind, source }: FilterToken): boolean {
  return kind === "text" || (kind === "quotedName" && source.startsWith('"'));
}

/** Tokens, taken one after the other. */
export class TokenReader {
  readonly #tokens: readonly FilterToken[];
  readonly #source: string;
  #at = 0;

  constructor(tokens: readonly FilterToken[], source: string) {
    this.#tokens = tokens;
    this.#source = source;
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  next(): FilterToken {
    const token = this.#tokens[this.#at];
    if (!token) throw this.invalid();
    this.#at += 1;
    return token;
  }

  takeWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    const found = token?.kind === "name" && token.text.toUpperCase() === word;
    if (found) this.#at += 1;
    return found;
  }

  takePunctuation(mark: string): boolean {
    const token = this.#tokens[this.#at];
    const found = token?.kind === "punctuation" && token.text === mark;
    if (found) this.#at += 1;
    return found;
  }

  /** The error of a clause that makes no sense from here on. */
  invalid(): Error {
    const rest = this.#tokens.slice(Math.max(0, this.#at - 1)).map(({ source }) => source);
    return invalidParameter(
      `Invalid clause(s) in filter string: '${rest.join(" ")}' in ${JSON.stringify(this.#source)}`,
    );
  }
}
