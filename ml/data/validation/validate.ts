/** @file Runs a suite over a table. */
import * as v from "valibot";
import type { TableSource } from "../table-source.ts";
import type { Evaluation, Expectation } from "./expectation.ts";
import { findKind, unknownKind } from "./kinds/catalogue.ts";
import { SuiteError } from "./errors.ts";
import { SuiteResult } from "./result.ts";
import { runInRounds } from "./rounds.ts";
import { rowConditionSchema } from "./row-condition.ts";
import { Scope } from "./scope.ts";
import type { SuiteContent } from "./suite-file.ts";

/** What a caller is told, and may ask for, while a suite runs. */
export interface ValidationOptions {
  /** Told before each statement: its number, from 1, and how many expectations wait for it. */
  readonly onRound?: (round: number, waiting: number) => void;
}

/**
 * Evaluates every expectation of a suite. All aggregates are one statement over the table; a second one fetches examples
 * of what failed and what depends on the first, such as z-scores. An expectation that can't be evaluated (no such column,
 * a malformed pattern) is not met, and says why; the others are evaluated all the same.
 */
export async function validateSuite(
  source: TableSource,
  { name, expectations }: SuiteContent,
  options: ValidationOptions = {},
): Promise<SuiteResult> {
  const evaluations = expectations.map((expectation) => start(source, expectation));
  const evaluated = await runInRounds(source, evaluations, options.onRound);
  const results = expectations.map((expectation, index) => {
    const found = evaluated[index] ?? { error: new Error("not evaluated") };
    if ("error" in found) {
      return {
        success: false,
        expectation_config: expectation,
        result: {},
        exception_info: { raised_exception: true, exception_message: found.error.message },
      };
    }
    return {
      success: found.outcome.success,
      expectation_config: expectation,
      result: found.outcome.result,
      exception_info: { raised_exception: false, exception_message: null },
    };
  });
  return new SuiteResult(name, results);
}

function start(source: TableSource, { type, kwargs }: Expectation): Evaluation | Error {
  const kind = findKind(type);
  if (kind === undefined) return new SuiteError(unknownKind(type));
  const problems = kind.problems(kwargs);
  if (problems.length > 0) return new SuiteError(problems.join("; "));
  try {
    const condition = v.parse(v.optional(rowConditionSchema), kwargs["row_condition"]);
    return kind.evaluate(kwargs, new Scope(source.columns, condition));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
