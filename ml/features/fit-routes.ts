/** @file Fits all routes side by side: what the first steps need is one query, then what the second ones need, …. */
import { requireUnchanged } from "../data/file-stamps.ts";
import { Table } from "../data/table.ts";
import type { TableSource } from "../data/table-source.ts";
import { identifier } from "../data/relation-sql.ts";
import { InvalidInputError } from "../errors.ts";
import { BatchedQueries, toNumber } from "./fit-queries.ts";
import { stageOfStep, type FittedRoute, type FittedStep } from "./fitted-route.ts";
import {
  checkTaken,
  findInput,
  isFloating,
  readExpression,
  sqlColumnOf,
  type InputColumn,
} from "./input-columns.ts";
import { foldColumn, foldOf, stage, type Named } from "./staged-rows.ts";
import { findStep } from "./step-registry.ts";
import type { FitQueries, MatrixWithTarget, SqlColumn } from "./step.ts";
import type { Transformer } from "./transformer.ts";

/** Columns and the transformers that are to be fitted on them. */
export interface Route {
  readonly columns: readonly string[];
  readonly steps: readonly Transformer[];
}

/** What the fit uses rows for beside the columns of features. */
export interface RowUse {
  readonly target: string | undefined;
  /** How many folds each row is encoded by others of; undefined where no row is encoded during the fit. */
  readonly folds: number | undefined;
}

/** Routes with the columns that they read. */
export interface FittedRoutes {
  readonly inputs: readonly InputColumn[];
  readonly routes: readonly FittedRoute[];
}

interface RouteInProgress {
  readonly route: Route;
  readonly fitted: FittedRoute & { readonly steps: FittedStep[] };
  columns: readonly SqlColumn[];
  /** What the steps so far give, where they give it as a matrix and not as columns of a query. */
  rows?: MatrixWithTarget;
}

/**
 * Fits every step of every route.
 * @throws {@link InvalidInputError} for no rows, infinite numbers, a column that isn't there or doesn't fit its step
 * @throws {@link FileChangedError} where a file of the table is not what it was when the table was made
 */
export async function fitRoutes(
  table: TableSource,
  routes: readonly Route[],
  { target, folds }: RowUse,
): Promise<FittedRoutes> {
  const names = [...new Set(routes.flatMap(({ columns }) => columns))];
  const found = names.map((name) => findInput(table.columns, name));
  const y = target === undefined ? undefined : targetColumn(table, target);
  const sqlColumns = new Map(
    found.map((input, at) => [input.name, sqlColumnOf(input, identifier(`c${at}`))]),
  );
  const inProgress = routes.map((route): RouteInProgress => {
    const columns = route.columns.flatMap((name) => sqlColumns.get(name) ?? []);
    return { route, fitted: { columns: route.columns, steps: [] }, columns };
  });
  for (const { route, columns } of inProgress) checkFirstStep(route, columns);

  const extra: readonly Named[] = [
    ...(y === undefined ? [] : [["y", y.sql] as const]),
    ...(folds === undefined ? [] : [foldOf(folds)]),
  ];
  let from = stage(`(${table.sql}\n)`, [...readings(found), ...extra]);
  const queries = (): FitQueries =>
    new BatchedQueries(table.database, from, {
      target: target === undefined ? undefined : identifier("y"),
      isTargetText: y?.isText === true,
      fold: folds === undefined ? undefined : foldColumn,
    });
  const first = queries();
  const [inputs] = await Promise.all([
    checkInputs(found, routes, target, first),
    fitStep(inProgress, 0, first, folds),
  ]);
  const longest = Math.max(...routes.map(({ steps }) => steps.length));
  for (let at = 1; at < longest; at++) {
    const kept = extra.map(([name]): Named => [name, identifier(name)]);
    const next = await nextStage(inProgress, at, queries());
    from = stage(from, [...next, ...kept]);
    await fitStep(inProgress, at, queries(), folds);
  }
  for (const { fitted, columns, rows } of inProgress) if (!rows) checkGivesNumbers(fitted, columns);
  if (table instanceof Table) await requireUnchanged(table.files);
  return { inputs, routes: inProgress.map(({ fitted }) => fitted) };
}

function checkFirstStep({ steps }: Route, columns: readonly SqlColumn[]): void {
  const [step] = steps;
  if (!step) throw new InvalidInputError(`no transformer is given for "${columns[0]?.name}"`);
  for (const column of columns) checkTaken(step.kind, findStep(step.kind).takes, column);
}

function checkGivesNumbers(route: FittedRoute, columns: readonly SqlColumn[]): void {
  const last = route.steps.length - 1;
  const made = stageOfStep(route, last, columns, "last");
  if (made?.outputs.some(([, { type }]) => type === "text"))
    throw new InvalidInputError(
      `${route.steps[last]?.kind} gives texts of column "${route.columns[0]}": encode them as numbers after it`,
    );
}

/** The columns of the first stage: values without infinite ones, and which ones were infinite. */
function readings(inputs: readonly InputColumn[]): readonly Named[] {
  return inputs.flatMap((input, at): Named[] => {
    if (!isFloating(input.type)) return [[`c${at}`, readExpression(input)]];
    const column = identifier(input.name);
    return [
      [`c${at}`, `CASE WHEN isfinite(${column}) THEN ${column}::DOUBLE END`],
      [`i${at}`, `isinf(${column})`],
    ];
  });
}

/** Looks at the columns as a whole; the model's inputs for whole numbers that may be missing are float64. */
async function checkInputs(
  inputs: readonly InputColumn[],
  routes: readonly Route[],
  target: string | undefined,
  queries: FitQueries,
): Promise<readonly InputColumn[]> {
  const [rows, targets, ...counts] = await queries.aggregate([
    "count(*)",
    queries.target === undefined
      ? "count(*)"
      : queries.isTargetText
        ? `count(${queries.target})`
        : `count_if(isfinite(${queries.target}))`,
    ...inputs.map(({ type }, at) =>
      isFloating(type) ? `count_if(${identifier(`i${at}`)})` : `count(*) - count(${identifier(`c${at}`)})`,
    ),
  ]);
  if (toNumber(rows) === 0) throw new InvalidInputError("features can't be fitted on a table of no rows");
  if (toNumber(targets) < toNumber(rows))
    throw new InvalidInputError(
      `the target "${target}" is missing or infinite in some rows: filter them out`,
    );
  return inputs.map((input, at) => {
    const count = toNumber(counts[at]);
    if (isFloating(input.type) && count > 0)
      throw new InvalidInputError(
        `column "${input.name}" holds infinite numbers, ${count} of them: filter or replace them before the fit`,
      );
    const isWhole = input.dtype === "int64" || input.dtype === "bool";
    const isFilled = routes.some(
      ({ columns, steps: [step] }) =>
        columns.includes(input.name) && step && findStep(step.kind).fillsMissing === true,
    );
    return isWhole && (count > 0 || isFilled) ? { ...input, dtype: "float64" } : input;
  });
}

async function fitStep(
  routes: readonly RouteInProgress[],
  at: number,
  queries: FitQueries,
  folds: number | undefined,
): Promise<void> {
  await Promise.all(
    routes.map(async (each) => {
      const { route, fitted, columns, rows } = each;
      const step = route.steps[at];
      if (!step) return;
      const definition = findStep(step.kind);
      if (rows) {
        if (!definition.matrix) throw mustBeLast(route, at - 1);
        const state: unknown = await definition.matrix.fit(step.settings, rows.matrix, rows.target);
        fitted.steps.push({ kind: step.kind, state });
        if (at < route.steps.length - 1)
          each.rows = { ...rows, matrix: definition.matrix.apply(state, rows.matrix) };
        return;
      }
      for (const column of columns) checkTaken(step.kind, definition.takes, column);
      const [state, others] = await Promise.all([
        definition.fit(step.settings, columns, queries),
        folds === undefined ? undefined : definition.fitOthers?.(step.settings, columns, queries, folds),
      ]);
      fitted.steps.push({ kind: step.kind, state, ...(others && { folds: others }) });
    }),
  );
}

/** What the steps at `at` need of those before; routes that have ended, or go on as matrices, are left out. */
async function nextStage(
  routes: readonly RouteInProgress[],
  at: number,
  queries: FitQueries,
): Promise<readonly Named[]> {
  const expressions: Named[] = [];
  for (const [index, each] of routes.entries()) {
    if (at >= each.route.steps.length || each.rows) continue;
    const made = stageOfStep(each.fitted, at - 1, each.columns, `r${index}_${at}`);
    if (made) {
      each.columns = made.columns;
      expressions.push(...made.outputs.map(([name, { sql }]): Named => [name, sql]));
      continue;
    }
    const { kind, state } = each.fitted.steps[at - 1] ?? { kind: "", state: undefined };
    const rows = await findStep(kind).rows?.(state, each.columns, queries);
    if (!rows) throw mustBeLast(each.route, at - 1);
    each.rows = rows;
    each.columns = [];
  }
  return expressions;
}

function mustBeLast({ steps }: Route, at: number): InvalidInputError {
  return new InvalidInputError(
    `${steps[at]?.kind} must be the last transformer of its columns: ${steps[at + 1]?.kind} follows it`,
  );
}

/** The target as it is read: texts as they are, everything else as numbers. */
export function targetColumn(
  table: TableSource,
  target: string,
): { readonly sql: string; readonly isText: boolean } {
  const found = sqlColumnOf(findInput(table.columns, target), "");
  const isText = found.type === "text";
  if (!isText) checkTaken("the target", "number", found);
  const column = identifier(target);
  return { sql: isText ? `${column}::VARCHAR` : `${column}::DOUBLE`, isText };
}

/**
 * A column's values as doubles.
 * @throws {@link InvalidInputError} where there is no such column or it holds no numbers
 */
export function numberColumn(table: TableSource, name: string, what: string): string {
  checkTaken(what, "number", sqlColumnOf(findInput(table.columns, name), ""));
  return `${identifier(name)}::DOUBLE`;
}
