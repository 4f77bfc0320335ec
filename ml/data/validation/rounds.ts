/**
 * @file Runs evaluations in step: what all of them ask at the same time is one statement, whatever their number.
 *
 * Equal questions are asked once; those about a column with few different values are asked of these. Where a statement fails (a malformed regular expression, an overflow), its
 * questions are asked in halves, so that only those evaluations fail whose question it was.
 */
import { notebookHost } from "../../notebook-host.ts";
import type { RowValue } from "../query-result.ts";
import type { TableSource } from "../table-source.ts";
import type { Ask } from "./expectation.ts";
import { columnsWithFewValues, countedValues } from "./few-values.ts";
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

/**
 * Evaluates all; `onRound` is told before each statement, with how many evaluations wait for it.
 * @throws {@link QueryError} where the table itself can't be read
 */
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
  const table = new AskedTable(source);
  for (let round = 1; waiting.length > 0; round++) {
    onRound(round, waiting.length);
    const answered = await table.answerAll(waiting);
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

/** A table that is asked in statements. */
class AskedTable {
  readonly #source: TableSource;
  /** Columns whose different values are asked; known when the first statement is made. */
  #few: ReadonlySet<string> | undefined;
  #isReadable = false;

  constructor(source: TableSource) {
    this.#source = source;
  }

  /** Answers for each. @throws {@link QueryError} where the table itself can't be read */
  async answerAll(waiting: readonly Waiting[]): Promise<readonly Answers[]> {
    try {
      const all = waiting.flatMap(({ asks }) => asks);
      this.#few ??= await columnsWithFewValues(this.#source, all);
      const answers = await this.#ask(all, this.#few);
      return waiting.map(({ asks }) => asks.map(({ sql }) => answers.get(sql) ?? null));
    } catch (error) {
      // A user's interrupt ends the validation; it is no outcome of an expectation.
      if (notebookHost()?.signal.aborted === true) throw error;
      await this.#requireReadable();
      if (waiting.length === 1) return [errorOf(error)];
      const middle = Math.ceil(waiting.length / 2);
      return [
        ...(await this.answerAll(waiting.slice(0, middle))),
        ...(await this.answerAll(waiting.slice(middle))),
      ];
    }
  }

  async #ask(asks: readonly Ask[], few: ReadonlySet<string>): Promise<ReadonlyMap<string, RowValue>> {
    const inOrder = new Map<string, RowValue>();
    for (const { kind, sql } of asks) {
      // Beside others that read the same rows DuckDB keeps them all for later, and not in their order.
      if (kind === "ordered" && !inOrder.has(sql)) inOrder.set(sql, await this.#answer(sql));
    }
    const isCounted = ({ counted }: Ask): boolean => counted !== undefined && few.has(counted.column);
    const columns = [...few].filter((name) => asks.some((each) => each.counted?.column === name));
    const aggregates = new Map<string, string>();
    const queries = new Map<string, string>();
    for (const each of asks) {
      const { counted, sql, kind } = each;
      if (kind === "ordered") continue;
      if (counted !== undefined && isCounted(each))
        queries.set(sql, counted.sql(`tenon_counted_${columns.indexOf(counted.column)}`));
      else (kind === "aggregate" ? aggregates : queries).set(sql, sql);
    }
    const [aggregateList, queryList] = [[...aggregates.values()], [...queries.values()]];
    const parts: string[] = [];
    if (aggregateList.length > 0) {
      const list = aggregateList.map((sql, index) => `${sql} AS a${index}`).join(", ");
      parts.push(`(SELECT ${list} FROM ${sourceName})`);
    }
    if (queryList.length > 0)
      parts.push(`(SELECT ${queryList.map((sql, index) => `(${sql}) AS q${index}`).join(", ")})`);
    if (parts.length === 0) return inOrder;
    const tables = [
      this.#sourceTable(),
      ...columns.map((name, index) => `tenon_counted_${index} AS MATERIALIZED (${countedValues(name)})`),
    ];
    const { rows } = await this.#source.database.query(
      `WITH ${tables.join(", ")} SELECT * FROM ${parts.join(", ")}`,
    );
    const [row = {}] = rows;
    const answers = (keys: Iterable<string>, letter: string): (readonly [string, RowValue])[] =>
      [...keys].map((sql, index) => [sql, row[`${letter}${index}`] ?? null]);
    return new Map([...inOrder, ...answers(aggregates.keys(), "a"), ...answers(queries.keys(), "q")]);
  }

  async #answer(sql: string): Promise<RowValue> {
    const { rows } = await this.#source.database.query(
      `WITH ${this.#sourceTable()} SELECT (${sql}) AS answer`,
    );
    return rows[0]?.["answer"] ?? null;
  }

  #sourceTable(): string {
    // A materialised source would hold every column of every row in memory.
    return `${sourceName} AS NOT MATERIALIZED (${this.#source.sql}\n)`;
  }

  /** Tells a table that can't be read from a question that can't be answered. */
  async #requireReadable(): Promise<void> {
    if (this.#isReadable) return;
    await this.#source.database.query(`SELECT count(COLUMNS(*)) FROM (${this.#source.sql}\n)`);
    this.#isReadable = true;
  }
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
