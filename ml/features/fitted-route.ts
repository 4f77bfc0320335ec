/** @file Fitted steps along one route: from columns of the table to features. */
import type { Tensor } from "../graph/tensor.ts";
import { findStep } from "./step-registry.ts";
import type { AnyStepDefinition, SqlColumn, SqlOutput, TracedColumn } from "./step.ts";
import { columnsOfOutputs, foldColumn, nameOutputs } from "./staged-rows.ts";
import { sideBySide } from "./traced.ts";

/** A step with what its fit found. */
export interface FittedStep {
  readonly kind: string;
  readonly state: unknown;
  /** The states by which the rows of each fold are encoded, during the fit only. */
  readonly folds?: readonly unknown[];
}

/** Columns and the steps that make features of them, the first on the columns, each other on what the one before gives. */
export interface FittedRoute {
  readonly columns: readonly string[];
  readonly steps: readonly FittedStep[];
}

/** The names of a route's features; those of its first `count` steps where that is given. */
export function featureNames({ columns, steps }: FittedRoute, count = steps.length): readonly string[] {
  return steps
    .slice(0, count)
    .reduce<readonly string[]>((names, { kind, state }) => findStep(kind).names(state, names), columns);
}

/** The route's features as a tensor of `[rows, features]`, of float32. */
export function traceRoute({ steps }: FittedRoute, columns: readonly TracedColumn[]): Tensor {
  const last = steps.reduce(
    (given, { kind, state }) => [findStep(kind).trace(state, given)].flat().map((tensor) => ({ tensor })),
    columns,
  );
  return sideBySide(last.map(({ tensor }) => tensor.cast("float32")));
}

/** What a step computes in a stage, under the names that begin with `prefix`, and what the next step sees of it. */
export interface StageOfStep {
  readonly outputs: readonly (readonly [string, SqlOutput])[];
  readonly columns: readonly SqlColumn[];
}

/** One step of a route as SQL; undefined for a step that only has a tensor program. */
export function stageOfStep(
  route: FittedRoute,
  at: number,
  columns: readonly SqlColumn[],
  prefix: string,
): StageOfStep | undefined {
  const step = route.steps[at];
  const sql = step && findStep(step.kind).sql;
  if (!step || !sql) return undefined;
  const computed = outputsOf(sql, step, columns);
  if (!computed) return undefined;
  const outputs = nameOutputs(computed, prefix);
  return { outputs, columns: columnsOfOutputs(outputs, featureNames(route, at + 1)) };
}

/** The outputs of a step; where each fold has a state of its own, by the row's fold. */
function outputsOf(
  sql: NonNullable<AnyStepDefinition["sql"]>,
  { state, folds }: FittedStep,
  columns: readonly SqlColumn[],
): readonly SqlOutput[] | undefined {
  if (!folds) return sql(state, columns);
  const byFold = folds.map((each) => sql(each, columns));
  return (byFold[0] ?? []).map((output, at) => {
    const cases = byFold.map((outputs, fold) => `WHEN ${fold} THEN ${outputs?.[at]?.sql}`);
    const chosen = `CASE ${foldColumn} ${cases.join(" ")} END`;
    return output.type === "position"
      ? { type: output.type, width: output.width, sql: chosen }
      : { type: output.type, sql: chosen };
  });
}
