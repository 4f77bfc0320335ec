/** @file A validation's result as text: a line for each expectation, failures with examples. */
import { describeExpectation, describeResult, examplesOf, subjectOf } from "./describe-expectation.ts";
import type { ExpectationResult, SuiteReport } from "./suite-report.ts";

const shownExamples = 5;

/** How a mark or a dim text is written; as it is, where a terminal has no colours. */
export interface TextStyle {
  readonly ok: (text: string) => string;
  readonly failed: (text: string) => string;
  readonly dim: (text: string) => string;
}

const plain: TextStyle = { ok: (text) => text, failed: (text) => text, dim: (text) => text };

/** The result as lines of text. */
export function suiteResultText(result: SuiteReport, style: TextStyle = plain): string {
  const { evaluated_expectations: evaluated, unsuccessful_expectations: failed } = result.statistics;
  const width = Math.max(0, ...result.results.map((each) => subjectOf(each.expectation_config).length));
  const lines = result.results.flatMap((each) => resultLines(each, width, style));
  const end =
    failed === 0
      ? style.ok(`${result.suite_name}: all ${evaluated} expectations are met`)
      : style.failed(`${result.suite_name}: ${failed} of ${evaluated} expectations are not met`);
  return [...lines, end].join("\n");
}

function resultLines(each: ExpectationResult, width: number, style: TextStyle): string[] {
  const { expectation_config: config, success, result, exception_info: exception } = each;
  const mark = success ? style.ok("ok    ") : style.failed("FAILED");
  const lines = [`${mark}  ${subjectOf(config).padEnd(width)}  ${describeExpectation(config)}`];
  const indent = " ".repeat(8 + width + 2);
  if (exception.raised_exception) lines.push(`${indent}${style.failed(exception.exception_message ?? "")}`);
  else if (!success) {
    const found = describeResult(result);
    if (found !== "") lines.push(`${indent}${found}`);
    const examples = examplesOf(result).slice(0, shownExamples).join("  ");
    if (examples !== "") lines.push(style.dim(`${indent}such as ${examples}`));
  }
  return lines;
}
