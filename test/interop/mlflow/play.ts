/** @file What a play of calls to MLflow's API is: the same whichever server answers, but for ids, times and made-up names. */

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Makes one call and notes its answer. */
export type Ask = (method: string, path: string, body?: object) => Promise<Answer>;

/** The text at a path of fields; empty where there is none. */
export function at(answer: Answer, ...path: readonly string[]): string {
  let value: unknown = answer.body;
  for (const part of path) value = (Object(value) as Readonly<Record<string, unknown>>)[part];
  return typeof value === "string" ? value : "";
}

/** A text of this length. */
export const long = (count: number): string => "x".repeat(count);
