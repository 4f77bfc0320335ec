/** @file Fitted routes as one query over a table, and where its columns go in the matrix. */
import { identifier } from "../data/relation-sql.ts";
import type { TableSource } from "../data/table-source.ts";
import type { MatrixPart } from "./feature-matrix.ts";
import { featureNames, stageOfStep, type FittedRoute } from "./fitted-route.ts";
import {
  checkedExpression,
  presentInput,
  sqlColumnOf,
  type InputColumn,
  type InputDType,
} from "./input-columns.ts";
import { foldOf, stage, type Named } from "./staged-rows.ts";
import type { SqlColumn } from "./step.ts";
import type { TensorPart } from "./tensor-part.ts";

/** A query, and the part of the matrix that each of its columns fills. */
export interface TransformQuery {
  readonly sql: string;
  readonly parts: readonly (readonly [column: string, part: MatrixPart])[];
  /** What the query only reads the columns for. */
  readonly tensorParts: readonly TensorPart[];
}

/**
 * The query that computes all features of a table, and `carried` expressions beside them.
 * @param folds how many folds the rows were fitted in, where each is encoded by the others
 * @throws {@link InvalidInputError} for a column that is missing or of another kind than the fit read
 */
export function transformQuery(
  table: TableSource,
  inputs: readonly InputColumn[],
  routes: readonly FittedRoute[],
  folds?: number,
  carried: readonly Named[] = [],
): TransformQuery {
  const given = new Map<string, SqlColumn>();
  const readings = inputs.map((input, at): Named => {
    const column = sqlColumnOf(input, identifier(`c${at}`));
    given.set(input.name, column);
    return [`c${at}`, checkedExpression(presentInput(table.columns, input))];
  });
  const fold = folds === undefined ? [] : [foldOf(folds)];
  let from = stage(`(${table.sql}\n)`, [...readings, ...fold, ...carried]);
  const columns: (readonly SqlColumn[])[] = routes.map((route) =>
    route.columns.flatMap((name) => given.get(name) ?? []),
  );
  const starts = startsOf(routes.map((route) => featureNames(route).length));
  const parts: (readonly [string, MatrixPart])[] = [];
  const tensorParts: TensorPart[] = [];
  const longest = Math.max(...routes.map(({ steps }) => steps.length));
  for (let at = 0; at < longest; at++) {
    const done = [
      ...[...fold, ...carried].map(([name]) => name),
      ...parts.map(([name]) => name),
      ...tensorParts.flatMap((part) => part.inputs.map(({ name }) => name)),
    ];
    const expressions = done.map((name): Named => [name, identifier(name)]);
    for (const [index, route] of routes.entries()) {
      if (at >= route.steps.length || tensorParts.some((part) => part.index === index)) continue;
      const before = columns[index] ?? [];
      const made = stageOfStep(route, at, before, `r${index}_${at}`);
      if (!made) {
        const names = before.map((_, each) => `t${index}_${each}`);
        expressions.push(...before.map(({ sql }, each): Named => [names[each] ?? "", sql]));
        tensorParts.push({
          index,
          start: starts[index] ?? 0,
          inputs: before.map((column, each) => ({
            name: names[each] ?? "",
            dtype:
              at > 0 && column.type === "text"
                ? "string"
                : at === 0
                  ? dtypeOf(inputs, route.columns[each])
                  : "float64",
            ...(column.unit && { unit: column.unit }),
          })),
          route: { columns: before.map(({ name }) => name), steps: route.steps.slice(at) },
        });
        continue;
      }
      expressions.push(...made.outputs.map(([name, { sql }]): Named => [name, sql]));
      columns[index] = made.columns;
      if (at < route.steps.length - 1) continue;
      let start = starts[index] ?? 0;
      for (const [name, output] of made.outputs) {
        parts.push([name, { start, output }]);
        start += output.type === "position" ? output.width : 1;
      }
    }
    from = stage(from, expressions);
  }
  return { sql: `FROM ${from}`, parts, tensorParts };
}

function dtypeOf(inputs: readonly InputColumn[], name: string | undefined): InputDType {
  return inputs.find((input) => input.name === name)?.dtype ?? "float64";
}

/** Where each of consecutive parts starts. */
function startsOf(sizes: readonly number[]): readonly number[] {
  let next = 0;
  return sizes.map((size) => {
    const start = next;
    next += size;
    return start;
  });
}
