/** @file What a fit asks of the rows: aggregates that are asked for at one time are one query. */
import type { Database } from "../data/database.ts";
import type { Row, RowValue } from "../data/query-result.ts";
import { QueryError } from "../data/errors.ts";
import { InvalidInputError } from "../errors.ts";
import { readArrays } from "./read-arrays.ts";
import type { FitQueries, ReadArrays, ReadAs } from "./step.ts";

interface Waiting {
  readonly expressions: readonly string[];
  readonly resolve: (values: readonly RowValue[]) => void;
  readonly reject: (reason: unknown) => void;
}

let tables = 0;

/** Queries over the rows of one FROM item. */
export class BatchedQueries implements FitQueries {
  readonly target: string | undefined;
  readonly isTargetText: boolean;
  readonly fold: string | undefined;
  readonly #database: Database;
  readonly #from: string;
  #waiting: Waiting[] = [];

  constructor(
    database: Database,
    from: string,
    { target, isTargetText, fold }: Pick<FitQueries, "target" | "isTargetText" | "fold">,
  ) {
    this.#database = database;
    this.#from = from;
    this.target = target;
    this.isTargetText = isTargetText;
    this.fold = fold;
  }

  aggregate(expressions: readonly string[]): Promise<readonly RowValue[]> {
    // Steps that are fitted together have all asked once the event loop turns.
    if (this.#waiting.length === 0) setImmediate(() => void this.#ask());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ expressions, resolve, reject });
    });
  }

  async rows(query: (from: string) => string): Promise<readonly Row[]> {
    const { rows } = await this.#database.query(query(this.#from));
    return rows;
  }

  async columns<const S extends ReadAs>(query: (from: string) => string, schema: S): Promise<ReadArrays<S>> {
    return await readArrays(this.#database, query(this.#from), schema);
  }

  async kept<T>(
    expressions: readonly string[],
    use: (columns: readonly string[], queries: FitQueries) => Promise<T>,
  ): Promise<T> {
    tables += 1;
    const table = `temp.tenon_fit_${tables}`;
    const names = expressions.map((_, at) => `k${at}`);
    const list = expressions.map((expression, at) => `${expression} AS ${names[at]}`);
    await this.#database.ask(`CREATE TEMP TABLE ${table} AS SELECT ${list.join(", ")} FROM ${this.#from}`);
    try {
      const none = { target: undefined, isTargetText: false, fold: undefined };
      return await use(names, new BatchedQueries(this.#database, table, none));
    } finally {
      await this.#database.ask(`DROP TABLE ${table}`);
    }
  }

  async #ask(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const places = new Map<string, string>();
    for (const expression of waiting.flatMap(({ expressions }) => expressions))
      if (!places.has(expression)) places.set(expression, `a${places.size}`);
    const list = [...places].map(([expression, alias]) => `${expression} AS ${alias}`);
    try {
      const { rows } = await this.#database.query(`SELECT ${list.join(", ")} FROM ${this.#from}`);
      for (const { expressions, resolve } of waiting)
        resolve(expressions.map((expression) => rows[0]?.[places.get(expression) ?? ""] ?? null));
    } catch (error) {
      const reason = error instanceof QueryError && outOfRange.test(error.message) ? tooLarge(error) : error;
      for (const { reject } of waiting) reject(reason);
    }
  }
}

/** What DuckDB says of a variance beyond float64. */
const outOfRange = /POP is out of range/;

function tooLarge(cause: QueryError): InvalidInputError {
  return new InvalidInputError(
    "the numbers of a column are too large: the squares of some are beyond float64",
    {
      cause,
    },
  );
}

/** An aggregate's number; NaN for NULL, which aggregates of no values are. */
export function toNumber(value: RowValue | undefined): number {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : Number.NaN;
}
