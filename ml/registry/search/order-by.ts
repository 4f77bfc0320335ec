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

/** Parses the clauses of an ordering. Throws MLflow's INVALID_PARAMETER_VALUE that says what is wrong. */
export function parseOrderBy(clauses: readonly string[], language: SearchLanguage): readonly Ordering[] {
  return clauses.map((clause) => {
    const reader = new TokenReader(tokenize(clause), clause);
    const { entity, key } = parseIdentifier(reader, language);
    const descending = reader.takeWord("DESC");
    if (!descending) reader.takeWord("ASC");
    if (!reader.done) throw invalidParameter(`Invalid ordering key in order_by clause '${clause}'.`);
    return { entity, key, ascending: !descending };
  });
}
