/** @file Words and sequences of words of a column of texts, counted by DuckDB. */
import { sqlText } from "../../data/sql-text.ts";
import { InvalidInputError } from "../../errors.ts";
import { toNumber } from "../fit-queries.ts";
import type { FitQueries, SqlColumn } from "../step.ts";
import { wordsSql } from "./words.ts";

/** Which terms become features. */
export interface TermOptions {
  /** Whether texts are taken in lower case; they are where absent. */
  readonly lowercase?: boolean;
  /** Words that are left out, before sequences are made. */
  readonly stopWords?: readonly string[];
}

/** Which terms of the texts of the fit become features. */
export interface VocabularyOptions extends TermOptions {
  /** How many words in a row are a term, from the least to the most: `[1, 2]` are words and pairs; `[1, 1]` where absent. */
  readonly ngrams?: readonly [number, number];
  /** Terms of fewer texts than this, or of a smaller share of them where it is below 1, are left out. */
  readonly minDocuments?: number;
  /** Terms of more texts than this, or of a larger share of them where it is at most 1, are left out. */
  readonly maxDocuments?: number;
  /** How many terms at most: the most frequent ones over all texts; of equally frequent ones those that sort first. */
  readonly maxFeatures?: number;
}

/** Terms in ascending order (by code points), each with the number of texts that it stands in. */
export interface Vocabulary {
  readonly terms: readonly string[];
  readonly documents: Float64Array;
  /** How many texts there are. */
  readonly rows: number;
}

/**
 * Finds the terms by one query, and one for the number of rows.
 * @throws {@link InvalidInputError} for settings that make no sense, and where no term is left
 */
export async function findVocabulary(
  kind: string,
  column: SqlColumn,
  options: VocabularyOptions,
  queries: FitQueries,
): Promise<Vocabulary> {
  const { minDocuments = 1, maxDocuments = 1, maxFeatures } = options;
  const [count] = await queries.aggregate(["count(*)"]);
  const rows = toNumber(count);
  const least = minDocuments < 1 ? minDocuments * rows : minDocuments;
  const most = maxDocuments <= 1 ? maxDocuments * rows : maxDocuments;
  if (!(least >= 0 && most >= least))
    throw new InvalidInputError(`${kind}: no term can be in ${least} or more and ${most} or fewer texts`);
  if (maxFeatures !== undefined && !(Number.isInteger(maxFeatures) && maxFeatures >= 1))
    throw new InvalidInputError(`${kind}: there can be 1 or more features, not ${maxFeatures}`);
  const limit = maxFeatures === undefined ? "" : `ORDER BY total DESC, term LIMIT ${maxFeatures}`;
  const found = await queries.columns(
    (from) => `SELECT term, documents FROM (
        SELECT term, count(*) AS total, count(DISTINCT text) AS documents
        FROM (SELECT text, unnest(${termsSql("words", options)}) AS term
          FROM (SELECT row_number() OVER () AS text, ${filteredWordsSql(column.sql, options)} AS words FROM ${from}))
        GROUP BY term HAVING documents BETWEEN ${least} AND ${most} ${limit})
      ORDER BY term`,
    { term: "text", documents: "number" },
  );
  if (found.term.length === 0)
    throw new InvalidInputError(
      `${kind}: column "${column.name}" has no terms left: are the texts empty, or all words left out?`,
    );
  return { terms: found.term, documents: found.documents, rows };
}

/** How many words in a row are a term. Throws {@link InvalidInputError} where that is no range. */
export function checkedNgrams(kind: string, [least, most]: readonly [number, number]): [number, number] {
  if (!(Number.isInteger(least) && Number.isInteger(most) && least >= 1 && most >= least))
    throw new InvalidInputError(`${kind}: ngrams is a range such as [1, 2], not [${least}, ${most}]`);
  return [least, most];
}

function filteredWordsSql(sql: string, { lowercase = true, stopWords = [] }: TermOptions): string {
  const words = wordsSql(sql, lowercase);
  if (stopWords.length === 0) return words;
  return `list_filter(${words}, lambda w: w NOT IN (${stopWords.map(sqlText).join(", ")}))`;
}

function termsSql(words: string, { ngrams = [1, 1] }: VocabularyOptions): string {
  const [least, most] = ngrams;
  const lists = Array.from({ length: most - least + 1 }, (_, at) => {
    const length = least + at;
    if (length === 1) return words;
    const start = `range(1, len(${words}) - ${length - 2})`;
    return `list_transform(${start}, lambda i: array_to_string(${words}[i:i + ${length - 1}], ' '))`;
  });
  return lists.length === 1 ? (lists[0] ?? words) : `flatten([${lists.join(", ")}])`;
}
