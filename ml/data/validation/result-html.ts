/** @file A validation's result as HTML, legible on a light and on a dark ground: colours only mark, text inherits. */
import { escapeHtml } from "../../html.ts";
import { describeExpectation, describeResult, examplesOf, subjectOf } from "./describe-expectation.ts";
import type { ExpectationResult, SuiteReport } from "./suite-report.ts";

const shownExamples = 8;
// Both have a contrast of 3 and more with white and with dark grounds; the words beside them say the same.
const met = "#2a8a4a";
const notMet = "#d1483f";
// Long sets of values take more lines, not a wider table.
const cellStyle = "text-align:left;vertical-align:top;white-space:normal;overflow-wrap:anywhere";

/** The result as a table of what is not met, with examples; what is met is folded below it. */
export function suiteResultHtml(result: SuiteReport): string {
  const { evaluated_expectations: evaluated, unsuccessful_expectations: failed } = result.statistics;
  const colour = failed === 0 ? met : notMet;
  const summary =
    failed === 0
      ? `all ${evaluated} expectations are met`
      : `${failed} of ${evaluated} expectations are not met`;
  const unmet = result.results.filter(({ success }) => !success);
  const others = result.results.filter(({ success }) => success);
  const folded = `<details style="margin-top:.5em"><summary>${others.length} met</summary>${table(others)}</details>`;
  return (
    `<div style="border-left:4px solid ${colour};padding-left:.7em;margin-bottom:.5em">` +
    `<strong>${escapeHtml(result.suite_name)}</strong>: ${summary}</div>` +
    (unmet.length > 0 ? table(unmet) : "") +
    (others.length > 0 ? folded : "")
  );
}

function table(results: readonly ExpectationResult[]): string {
  const head = ["", "column", "expectation", "found"]
    .map((title) => `<th style="text-align:left">${title}</th>`)
    .join("");
  const body = results.map(row).join("");
  return `<div style="overflow-x:auto"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function row({
  success,
  expectation_config: config,
  result,
  exception_info: exception,
}: ExpectationResult): string {
  const mark = success ? "met" : exception.raised_exception ? "error" : "not met";
  const badge = `<span style="border-left:4px solid ${success ? met : notMet};padding-left:.4em;white-space:nowrap">${mark}</span>`;
  const cells = [
    badge,
    `<code>${escapeHtml(subjectOf(config))}</code>`,
    escapeHtml(describeExpectation(config)),
    exception.raised_exception ? escapeHtml(exception.exception_message ?? "") : found(success, result),
  ];
  return `<tr>${cells.map((cell) => `<td style="${cellStyle}">${cell}</td>`).join("")}</tr>`;
}

function found(success: boolean, result: ExpectationResult["result"]): string {
  const text = escapeHtml(describeResult(result)).replaceAll(" %", "&nbsp;%");
  const examples = success ? [] : examplesOf(result).slice(0, shownExamples);
  if (examples.length === 0) return text;
  const list = examples.map((example) => `<code>${escapeHtml(example)}</code>`).join(" ");
  return `${text}<br><span style="opacity:.8;font-size:90%">such as ${list}</span>`;
}
