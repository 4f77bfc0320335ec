/** @file What search results are ordered by: `[entity.]key [ASC|DESC]`. */
import { invalidParameter } from "../mlflow-error.ts";
import { parseIdentifier, TokenReader } from "./filter.ts";
import type { Entity, SearchLanguage } from "./language.ts";
import { tokenize } from "./tokens.ts";

export interface Ordering {
  readonly entity: Entity;
  readonly key: string;
  readonly ascending: boolean;
}

/** SQLite's driver ends the process at 64 terms beside joins, and each field is two. */
const mostOrderings = 25;

/** Throws MLflow's INVALID_PARAMETER_VALUE for an ordering by more fields than a database takes. */
export function requireFewOrderings(count: number): void {
  if (count > mostOrderings)
    throw invalidParameter(`A search can be ordered by at most ${mostOrderings} fields, got ${count}.`);
}

/** Parses the clauses of an ordering. Throws MLflow's INVALID_PARAMETER_VALUE that says what is wrong. */
export function parseOrderBy(clauses: readonly string[], language: SearchLanguage): readonly Ordering[] {
  requireFewOrderings(clauses.length);
  return clauses.map((clause) => {
    const reader = new TokenReader(tokenize(clause), clause);
    const { entity, key } = parseIdentifier(reader, language);
    const descending = reader.takeWord("DESC");
    if (!descending) reader.takeWord("ASC");
    if (!reader.done) throw invalidParameter(`Invalid ordering key in order_by clause '${clause}'.`);
    return { entity, key, ascending: !descending };
  });
}
