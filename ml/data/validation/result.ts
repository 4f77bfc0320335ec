/** @file The result of a validation, in the form of Great Expectations, which shows itself in a notebook. */
import type { MimeBundle } from "../../notebook-host.ts";
import { suiteResultHtml } from "./result-html.ts";
import { suiteResultText } from "./result-text.ts";
import type { ExpectationResult, SuiteReport, SuiteStatistics } from "./suite-report.ts";

/** The result of a suite. */
export class SuiteResult implements SuiteReport {
  readonly suite_name: string;
  readonly results: readonly ExpectationResult[];

  constructor(suiteName: string, results: readonly ExpectationResult[]) {
    this.suite_name = suiteName;
    this.results = results;
  }

  /** Whether every expectation was met. */
  get success(): boolean {
    return this.results.every(({ success }) => success);
  }

  get statistics(): SuiteStatistics {
    const evaluated = this.results.length;
    const successful = this.results.filter(({ success }) => success).length;
    return {
      evaluated_expectations: evaluated,
      successful_expectations: successful,
      unsuccessful_expectations: evaluated - successful,
      success_percent: evaluated === 0 ? null : (successful / evaluated) * 100,
    };
  }

  /** @throws {@link ValidationFailedError} where an expectation was not met, for programs that must not go on */
  assertSuccess(): void {
    if (!this.success) throw new ValidationFailedError(this);
  }

  /** The result as JSON has it: integers beyond 2^53 and infinite numbers are text. */
  toJSON(): object {
    const { success, suite_name, statistics, results } = this;
    const json: unknown = JSON.parse(
      JSON.stringify({ success, suite_name, statistics, results }, (_, value: unknown) =>
        typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))
          ? String(value)
          : value,
      ),
    );
    return Object(json);
  }

  [Symbol.for("Jupyter.display")](): MimeBundle {
    return { "text/html": suiteResultHtml(this), "text/plain": suiteResultText(this) };
  }
}

/** Data that did not meet a suite; the message names the expectations, `result` has all of it. */
export class ValidationFailedError extends Error {
  override readonly name = "ValidationFailedError";
  readonly result: SuiteResult;

  constructor(result: SuiteResult) {
    super(suiteResultText(result));
    this.result = result;
  }
}
