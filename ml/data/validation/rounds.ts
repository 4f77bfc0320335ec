/**
 * @file Runs evaluations in step: what all of them ask at the same time is one statement, whatever their number.
 *
 * Equal questions are asked once. Where a statement fails (a malformed regular expression, an overflow), its
 * questions are asked in halves, so that only those evaluations fail whose question it was.
 */
import { notebookHost } from "../../notebook-host.ts";
import type { RowValue } from "../query-result.ts";
import type { TableSource } from "../table-source.ts";
import type { Ask } from "./expectation.ts";
import { sourceName } from "./scope.ts";

/** Something that asks until it knows; see `Evaluation`. */
export type Asking<T> = Generator<readonly Ask[], T, readonly RowValue[]>;

/** An evaluation's outcome, or why it has none. */
export type Evaluated<T> = { readonly outcome: T } | { readonly error: Error };

interface Waiting<T = unknown> {
  readonly index: number;
  readonly evaluation: Asking<T>;
  readonly asks: readonly Ask[];
}

/** Evaluates all; `onRound` is told before each statement, with how many evaluations wait for it. */
export async function runInRounds<T>(
  source: TableSource,
  evaluations: readonly (Asking<T> | Error)[],
  onRound: (round: number, waiting: number) => void = () => undefined,
): Promise<readonly Evaluated<T>[]> {
  const done = new Map<number, Evaluated<T>>();
  const advance = (index: number, evaluation: Asking<T>, answers: readonly RowValue[]): Waiting<T>[] => {
    try {
      const step = evaluation.next(answers);
      if (step.done !== true) return [{ index, evaluation, asks: step.value }];
      done.set(index, { outcome: step.value });
    } catch (error) {
      done.set(index, { error: errorOf(error) });
    }
    return [];
  };
  let waiting = evaluations.flatMap((evaluation, index) => {
    if (!(evaluation instanceof Error)) return advance(index, evaluation, []);
    done.set(index, { error: evaluation });
    return [];
  });
  for (let round = 1; waiting.length > 0; round++) {
    onRound(round, waiting.length);
    const answered = await answerAll(source, waiting);
    waiting = waiting.flatMap(({ index, evaluation }, at) => {
      const answers = answered[at] ?? [];
      if (!(answers instanceof Error)) return advance(index, evaluation, answers);
      done.set(index, { error: answers });
      return [];
    });
  }
  return evaluations.map((_, index) => done.get(index) ?? { error: new Error("not evaluated") });
}

type Answers = readonly RowValue[] | Error;

async function answerAll(source: TableSource, waiting: readonly Waiting[]): Promise<readonly Answers[]> {
  try {
    const answers = await ask(
      source,
      waiting.flatMap(({ asks }) => asks),
    );
    return waiting.map(({ asks }) => asks.map(({ sql }) => answers.get(sql) ?? null));
  } catch (error) {
    // A user's interrupt ends the validation; it is no outcome of an expectation.
    if (notebookHost()?.signal.aborted === true) throw error;
    if (waiting.length === 1) return [errorOf(error)];
    const middle = Math.ceil(waiting.length / 2);
    return [
      ...(await answerAll(source, waiting.slice(0, middle))),
      ...(await answerAll(source, waiting.slice(middle))),
    ];
  }
}

async function ask(source: TableSource, asks: readonly Ask[]): Promise<ReadonlyMap<string, RowValue>> {
  const of = (kind: Ask["kind"]): string[] => [
    ...new Set(asks.filter((each) => each.kind === kind).map(({ sql }) => sql)),
  ];
  const aggregates = of("aggregate");
  const queries = of("query");
  const items = queries.map((sql, index) => `(${sql}) AS q${index}`);
  const parts: string[] = [];
  if (aggregates.length > 0) {
    const list = aggregates.map((sql, index) => `${sql} AS a${index}`).join(", ");
    parts.push(`(SELECT ${list} FROM ${sourceName})`);
  }
  if (items.length > 0) parts.push(`(SELECT ${items.join(", ")})`);
  if (parts.length === 0) return new Map();
  // A materialised source would hold every column of every row in memory.
  const { rows } = await source.database.query(
    `WITH ${sourceName} AS NOT MATERIALIZED (${source.sql}\n) SELECT * FROM ${parts.join(", ")}`,
  );
  const row = rows[0] ?? {};
  return new Map([
    ...aggregates.map((sql, index) => [sql, row[`a${index}`] ?? null] as const),
    ...queries.map((sql, index) => [sql, row[`q${index}`] ?? null] as const),
  ]);
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
