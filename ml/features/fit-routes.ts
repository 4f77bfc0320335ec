/** @file Fits all routes side by side: what the first steps need is one query, then what the second ones need, …. */
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
import { stage, type Named } from "./staged-rows.ts";
import { findStep } from "./step-registry.ts";
import type { FitQueries, SqlColumn } from "./step.ts";
import type { Transformer } from "./transformer.ts";

/** Columns and the transformers that are to be fitted on them. */
export interface Route {
  readonly columns: readonly string[];
  readonly steps: readonly Transformer[];
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
}

/**
 * Fits every step of every route.
 * @throws {@link InvalidInputError} for no rows, infinite numbers, a column that isn't there or doesn't fit its step
 */
export async function fitRoutes(
  table: TableSource,
  routes: readonly Route[],
  target: string | undefined,
): Promise<FittedRoutes> {
  const names = [...new Set(routes.flatMap(({ columns }) => columns))];
  const found = names.map((name) => findInput(table.columns, name));
  if (target !== undefined) findInput(table.columns, target);
  const sqlColumns = new Map(
    found.map((input, at) => [input.name, sqlColumnOf(input, identifier(`c${at}`))]),
  );
  const inProgress = routes.map((route): RouteInProgress => {
    const columns = route.columns.flatMap((name) => sqlColumns.get(name) ?? []);
    return { route, fitted: { columns: route.columns, steps: [] }, columns };
  });
  for (const { route, columns } of inProgress) checkFirstStep(route, columns);

  let from = stage(`(${table.sql}\n)`, readings(found, target));
  const queries = (): FitQueries =>
    new BatchedQueries(table.database, from, target === undefined ? undefined : identifier("y"));
  const first = queries();
  const [inputs] = await Promise.all([checkInputs(found, routes, first), fitStep(inProgress, 0, first)]);
  const longest = Math.max(...routes.map(({ steps }) => steps.length));
  for (let at = 1; at < longest; at++) {
    from = stage(from, nextStage(inProgress, at, target));
    await fitStep(inProgress, at, queries());
  }
  for (const { fitted, columns } of inProgress) checkGivesNumbers(fitted, columns);
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
function readings(inputs: readonly InputColumn[], target: string | undefined): readonly Named[] {
  const columns = inputs.flatMap((input, at): Named[] => {
    if (!isFloating(input.type)) return [[`c${at}`, readExpression(input)]];
    const column = identifier(input.name);
    return [
      [`c${at}`, `CASE WHEN isfinite(${column}) THEN ${column}::DOUBLE END`],
      [`i${at}`, `isinf(${column})`],
    ];
  });
  return target === undefined ? columns : [...columns, ["y", `${identifier(target)}::DOUBLE`]];
}

/** Looks at the columns as a whole; the model's inputs for whole numbers that may be missing are float64. */
async function checkInputs(
  inputs: readonly InputColumn[],
  routes: readonly Route[],
  queries: FitQueries,
): Promise<readonly InputColumn[]> {
  const [rows, ...counts] = await queries.aggregate([
    "count(*)",
    ...inputs.map(({ type }, at) =>
      isFloating(type) ? `count_if(${identifier(`i${at}`)})` : `count(*) - count(${identifier(`c${at}`)})`,
    ),
  ]);
  if (toNumber(rows) === 0) throw new InvalidInputError("features can't be fitted on a table of no rows");
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

async function fitStep(routes: readonly RouteInProgress[], at: number, queries: FitQueries): Promise<void> {
  await Promise.all(
    routes.map(async ({ route, fitted, columns }) => {
      const step = route.steps[at];
      if (!step) return;
      const definition = findStep(step.kind);
      for (const column of columns) checkTaken(step.kind, definition.takes, column);
      const state: unknown = await definition.fit(step.settings, columns, queries);
      fitted.steps.push({ kind: step.kind, state });
    }),
  );
}

/** What the steps at `at` need of those before; routes that have ended are left out. */
function nextStage(
  routes: readonly RouteInProgress[],
  at: number,
  target: string | undefined,
): readonly Named[] {
  const expressions = routes.flatMap((each, index): Named[] => {
    if (at >= each.route.steps.length) return [];
    const made = stageOfStep(each.fitted, at - 1, each.columns, `r${index}_${at}`);
    if (!made) {
      const [before, after] = [each.route.steps[at - 1]?.kind, each.route.steps[at]?.kind];
      throw new InvalidInputError(
        `${before} must be the last transformer of its columns: ${after} follows it`,
      );
    }
    each.columns = made.columns;
    return made.outputs.map(([name, { sql }]) => [name, sql]);
  });
  return target === undefined ? expressions : [...expressions, ["y", identifier("y")]];
}
