/**
 * @file What a kind of step is: how it is fitted by queries, and what it computes, as SQL and as a tensor program.
 *
 * A fitted step is plain JSON (its state). Both forms of it compute in float64 and agree; SQL is the fast one over
 * tables, the program is what is exported and served. Missing values are NULL in SQL ("" never stands beside NULL: texts
 * have "" for both), NaN in tensors of numbers and "" in tensors of texts.
 */
import type * as v from "valibot";
import type { RowValue } from "../data/query-result.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import type { ClassTarget } from "../target.ts";
import type { SparseMatrix } from "../sparse-matrix.ts";

/** What values are in SQL: DOUBLE, BIGINT (booleans and dates too) or VARCHAR. */
export type SqlType = "number" | "integer" | "text";

/** A column that a step reads: a quoted name, so that it may be repeated freely. */
export interface SqlColumn {
  readonly type: SqlType;
  readonly sql: string;
  /** Its name for people. */
  readonly name: string;
  /** How a date counts time: days or microseconds since 1970 in UTC; absent for all other columns. */
  readonly unit?: TimeUnit;
}

/** What whole numbers of a date column count. */
export type TimeUnit = "days" | "microseconds";

/**
 * What a step computes of a row: a number, a text for the next step, or which one of `width` features is 1, by position;
 * none where that is negative.
 */
export type SqlOutput =
  | { readonly type: "number" | "text"; readonly sql: string }
  | { readonly type: "position"; readonly sql: string; readonly width: number };

/** A column of a batch: a tensor of `[rows, 1]`, or of more features where a step before gave several. */
export interface TracedColumn {
  readonly tensor: Tensor;
  readonly unit?: TimeUnit;
}

/** What columns are read as: doubles, NaN for what is missing, or texts, of which none may be missing. */
export type ReadAs = Readonly<Record<string, "number" | "text">>;

/** The arrays of such columns. */
export type ReadArrays<S extends ReadAs> = {
  readonly [Name in keyof S]: S[Name] extends "number" ? Float64Array : readonly string[];
};

/** The queries that a fit makes. */
export interface FitQueries {
  /**
   * The values of aggregates, in order. What all steps ask for at one time is one query.
   * @example const [mean, variance] = await queries.aggregate([`avg(${x})`, `var_pop(${x})`]);
   */
  aggregate(expressions: readonly string[]): Promise<readonly RowValue[]>;
  /** The rows of a query of its own, which is made with the rows' FROM item. */
  rows(query: (from: string) => string): Promise<readonly Readonly<Record<string, RowValue>>[]>;
  /** The columns of a query of its own, all of the same rows. */
  columns<const S extends ReadAs>(query: (from: string) => string, schema: S): Promise<ReadArrays<S>>;
  /**
   * Computes expressions for every row once, for a step that asks of them often: `use` is given their columns and what to ask
   * them by. DuckDB keeps them meanwhile, on disk where they are many.
   */
  kept<T>(
    expressions: readonly string[],
    use: (columns: readonly string[], queries: FitQueries) => Promise<T>,
  ): Promise<T>;
  /** The target's column (float64, or texts where the table's is), where the fit was given one. */
  readonly target: string | undefined;
  /** Whether the target's column holds texts. */
  readonly isTargetText: boolean;
  /** The column of each row's fold (0, 1, …), where rows are to be encoded by the other folds. */
  readonly fold: string | undefined;
}

/** Numbers by row and column, with or without their zeros. */
export type Matrix = DenseMatrix | SparseMatrix;

/** A matrix, and the target where there is one, in the same order of rows. */
export interface MatrixWithTarget {
  readonly matrix: Matrix;
  readonly target: ClassTarget | undefined;
}

/** How a step works on a matrix of features instead of a query's columns: as {@link Features.pipe} has it. */
export interface MatrixStep<Settings, State> {
  /** Throws InvalidInputError for numbers that it can't be fitted on, or a target that it needs and isn't there. */
  fit(settings: Settings, matrix: Matrix, target: ClassTarget | undefined): State | Promise<State>;
  /** The features of its rows; a dense matrix gives a dense one. */
  apply(state: State, matrix: Matrix): Matrix;
}

/** What a step takes: numbers (booleans too), texts, dates, or all of these. */
export type StepInput = "number" | "text" | "date" | "any";

/** A kind of step. */
export interface StepDefinition<Settings, State> {
  readonly kind: string;
  /** Parses a state that was stored as JSON. */
  readonly state: v.GenericSchema<unknown, State>;
  readonly takes: StepInput;
  /** Whether missing values are expected: whole numbers then are fed as float64, which has a value for them. */
  readonly fillsMissing?: boolean;
  /** Throws InvalidInputError, naming the column, for values that it can't be fitted on. */
  fit(settings: Settings, columns: readonly SqlColumn[], queries: FitQueries): Promise<State>;
  /**
   * For each fold the state by the rows of all others. Present where a row's own target must not count for its features:
   * absent for steps that look at no target.
   */
  readonly fitOthers?: (
    settings: Settings,
    columns: readonly SqlColumn[],
    queries: FitQueries,
    folds: number,
  ) => Promise<readonly State[]>;
  /** The names of its features, from those of its columns. */
  names(state: State, columns: readonly string[]): readonly string[];
  /**
   * One row's outputs, in the order of the names. Absent, or undefined for a state, where only the tensor program computes it: it is then the last
   * of its route, since a step after it couldn't be fitted by queries.
   */
  readonly sql?: (state: State, columns: readonly SqlColumn[]) => readonly SqlOutput[] | undefined;
  /** The features of texts, where the step takes one column of texts and few of its features are not zero. */
  readonly ofTexts?: (state: State, texts: readonly string[]) => SparseMatrix;
  /** Where it can also be fitted on all features at once. */
  readonly matrix?: MatrixStep<Settings, State>;
  /**
   * The features of the rows: for steps that give more than a query has columns, so that what follows them in a chain can
   * be fitted.
   */
  readonly rows?: (
    state: State,
    columns: readonly SqlColumn[],
    queries: FitQueries,
  ) => Promise<MatrixWithTarget>;
  /** The same as tensors of `[rows, …]`, side by side; of float64, float32 or, for the next step, of strings. */
  trace(state: State, columns: readonly TracedColumn[]): Tensor | readonly Tensor[];
}

/** A kind of step whose settings and state are its own matter. */
// oxlint-disable-next-line typescript/no-explicit-any -- the unknown settings and state
export type AnyStepDefinition = StepDefinition<any, any>;
