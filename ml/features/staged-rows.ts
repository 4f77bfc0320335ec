/**
 * @file Rows in stages, each a SELECT around the one before: the columns that are read, then what each step makes of them.
 *
 * Every stage names what it computes, so that an expression of the next may use a value twice without computing it twice.
 */
import { identifier } from "../data/relation-sql.ts";
import type { SqlColumn, SqlOutput } from "./step.ts";

/** A name and the expression that it stands for. */
export type Named = readonly [name: string, expression: string];

/** The column of each row's fold, in stages that have it. */
export const foldColumn = identifier("fold");

/** The first stage's column of folds: row after row the next one, so that the same rows have the same folds. */
export function foldOf(folds: number): Named {
  return ["fold", `(row_number() OVER () - 1) % ${folds}`];
}

/** A SELECT as a FROM item. */
export function stage(from: string, expressions: readonly Named[]): string {
  const list = expressions.map(([name, expression]) => `${expression} AS ${identifier(name)}`);
  return `(SELECT ${list.length === 0 ? "1 AS nothing" : list.join(", ")} FROM ${from})`;
}

/** Outputs under the names that they have in the next stage. */
export function nameOutputs(
  outputs: readonly SqlOutput[],
  prefix: string,
): readonly (readonly [string, SqlOutput])[] {
  return outputs.map((output, at) => [`${prefix}_${at}`, output]);
}

/** What a step sees of the outputs of the one before: a column for each feature. */
export function columnsOfOutputs(
  outputs: readonly (readonly [string, SqlOutput])[],
  names: readonly string[],
): readonly SqlColumn[] {
  let next = 0;
  const nameOfNext = (): string => names[next++] ?? "";
  return outputs.flatMap(([name, output]): SqlColumn[] => {
    const sql = identifier(name);
    if (output.type !== "position") return [{ type: output.type, sql, name: nameOfNext() }];
    return Array.from({ length: output.width }, (_, position) => ({
      type: "number",
      sql: `(${sql} = ${position})::DOUBLE`,
      name: nameOfNext(),
    }));
  });
}
