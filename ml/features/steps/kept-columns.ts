/** @file What all selections share: some of the columns, as they are. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { take } from "../../graph/functions/indexing.ts";
import { tensor } from "../../graph/create.ts";
import { readMatrix } from "../column-matrix.ts";
import { checkWidth, type DenseMatrix } from "../../dense-matrix.ts";
import { columnsAt } from "../selection/best-scores.ts";
import type { ClassTarget } from "../../target.ts";
import { isSparse, sparseColumnsAt } from "../../sparse-matrix.ts";
import type { FitQueries, Matrix, SqlColumn, StepDefinition } from "../step.ts";
import { asNumbers } from "../traced.ts";

/** JSON has no infinite numbers and no NaN: null stands for what has no score. */
const scores = v.array(v.nullable(v.number()));

/** What every selection finds. */
export const keptState = v.pipe(
  v.object({
    /** The columns that it chose from. */
    columns: v.array(v.string()),
    /** The places of those that stay, in ascending order. */
    kept: v.pipe(v.array(v.number()), v.minLength(1)),
    /** Each column's score, variance, coefficient or rank, by which it was chosen; null for NaN. */
    scores,
    pValues: v.optional(scores),
  }),
  v.check(
    ({ columns, kept, scores }) =>
      scores.length === columns.length &&
      kept.every((at, place) => Number.isInteger(at) && at < columns.length && at > (kept[place - 1] ?? -1)),
    "what is kept must be places among the columns, in ascending order",
  ),
);

/** What a selection finds. */
export type KeptState = v.InferOutput<typeof keptState>;

type Shared = "state" | "takes" | "names" | "sql" | "trace" | "fit" | "matrix";

/** How a selection is fitted. */
export interface Selection<Settings> {
  readonly onMatrix: (
    settings: Settings,
    matrix: Matrix,
    target: ClassTarget | undefined,
  ) => KeptState | Promise<KeptState>;
  /** The same by queries, where it can be; undefined where a matrix is to be read after all. */
  readonly byQuery?: (
    settings: Settings,
    columns: readonly SqlColumn[],
    queries: FitQueries,
  ) => Promise<KeptState | undefined>;
}

/** A kind of step that keeps some of its columns. */
export function keepsColumns<Settings>({
  onMatrix,
  byQuery,
}: Selection<Settings>): Pick<StepDefinition<Settings, KeptState>, Shared> {
  return {
    state: keptState,
    takes: "number",
    fit: async (settings, columns, queries) => {
      const found = await byQuery?.(settings, columns, queries);
      if (found) return found;
      const { matrix, target } = await readMatrix(columns, queries);
      return await onMatrix(settings, matrix, target);
    },
    names: ({ kept }, columns) => kept.map((at) => columns[at] ?? ""),
    sql: ({ kept }, columns) => kept.map((at) => ({ type: "number", sql: columns[at]?.sql ?? "NULL" })),
    trace: ({ kept }, columns) => take(asNumbers(columns), tensor([...kept], "int64"), 1),
    matrix: {
      fit: onMatrix,
      apply: ({ kept, columns }, matrix) => {
        if (isSparse(matrix)) return sparseColumnsAt(matrix, kept);
        checkWidth(matrix, columns);
        return columnsAt(matrix, kept);
      },
    },
  };
}

/** A selection's state out of what was computed. */
export function keptOf(
  columns: readonly string[],
  kept: readonly number[],
  found: ArrayLike<number>,
  pValues?: ArrayLike<number>,
): KeptState {
  const plain = (values: ArrayLike<number>): (number | null)[] =>
    Array.from(values, (value) =>
      Number.isNaN(value) ? null : Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value)),
    );
  return {
    columns: [...columns],
    kept: [...kept],
    scores: plain(found),
    ...(pValues && { pValues: plain(pValues) }),
  };
}

/** The target, for a selection that needs one. Throws {@link InvalidInputError} where the fit was given none. */
export function neededTarget(kind: string, target: ClassTarget | undefined): ClassTarget {
  if (target === undefined)
    throw new InvalidInputError(`${kind} needs a target: fit(table, { target: "…" })`);
  return target;
}

/** The matrix, for a selection that needs all its numbers. */
export function neededDense(kind: string, matrix: Matrix): DenseMatrix {
  if (isSparse(matrix))
    throw new InvalidInputError(
      `${kind} would fill the zeros of texts' features: select by chi2 or fClassif first`,
    );
  return matrix;
}
