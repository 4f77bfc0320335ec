/**
 * @file Suites as files, in Great Expectations' own form: what is written here its Python library reads, and the other way
 * round. `meta.tenon_suite_version` says which form of the expectations' arguments was written; a file without it was
 * written by Great Expectations.
 */
import * as v from "valibot";
import { writeFileAtomically } from "../../atomic-file.ts";
import { SuiteError } from "./errors.ts";
import { describeIssue, type Expectation } from "./expectation.ts";
import { findKind, unknownKind } from "./kinds/catalogue.ts";

/** The version of what is written. */
export const suiteVersion = 1;

/** A suite's content. */
export interface SuiteContent {
  readonly name: string;
  readonly expectations: readonly Expectation[];
}

const expectationSchema = v.object({
  type: v.string(),
  kwargs: v.optional(v.record(v.string(), v.unknown()), {}),
  severity: v.optional(v.picklist(["critical", "warning", "info"])),
  meta: v.nullish(v.record(v.string(), v.unknown())),
});

const suiteSchema = v.object({
  name: v.string(),
  expectations: v.array(expectationSchema),
  meta: v.nullish(v.looseObject({ tenon_suite_version: v.optional(v.number()) })),
});

/** Arguments that belong to a run of Great Expectations and not to the expectation. */
const runArguments = new Set([
  "batch_id",
  "condition_parser",
  "catch_exceptions",
  "result_format",
  "include_config",
]);

/**
 * Parses a suite. `place` is what messages call it.
 * @throws {@link SuiteError} with every problem, a line each
 */
export function parseSuite(text: string, place = "the suite"): SuiteContent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SuiteError(`${place} is no JSON: ${reason}`, { cause });
  }
  const parsed = v.safeParse(suiteSchema, json);
  if (!parsed.success) throw new SuiteError(problemsOf(place, parsed.issues.map(describeIssue)));
  const { name, expectations, meta } = parsed.output;
  const version = meta?.tenon_suite_version ?? suiteVersion;
  if (version > suiteVersion)
    throw new SuiteError(
      `${place} has version ${version}, this Tenon reads up to ${suiteVersion}: update it`,
    );
  const read = expectations.map(readExpectation);
  const problems = read.flatMap((expectation, index) =>
    expectationProblems(expectation).map(
      (problem) => `expectations[${index}], ${expectation.type}: ${problem}`,
    ),
  );
  if (problems.length > 0) throw new SuiteError(problemsOf(place, problems));
  return { name, expectations: read };
}

function readExpectation({
  type,
  kwargs,
  severity,
  meta,
}: v.InferOutput<typeof expectationSchema>): Expectation {
  // Great Expectations writes null for what is not given.
  const given = Object.entries(kwargs).filter(([key, value]) => value !== null && !runArguments.has(key));
  return {
    type,
    kwargs: Object.fromEntries(given),
    ...(severity === undefined ? {} : { severity }),
    ...(Object.keys(meta ?? {}).length === 0 ? {} : { meta: meta ?? {} }),
  };
}

/** What is wrong with an expectation, a line each. */
export function expectationProblems({ type, kwargs }: Expectation): readonly string[] {
  const kind = findKind(type);
  return kind === undefined ? [unknownKind(type)] : kind.problems(kwargs);
}

/** The suite as JSON, with a line break at the end. */
export function suiteText({ name, expectations }: SuiteContent): string {
  const json = {
    name,
    expectations: expectations.map(({ type, kwargs, severity, meta }) => ({
      type,
      kwargs,
      ...(severity === undefined ? {} : { severity }),
      meta: meta ?? {},
    })),
    meta: { tenon_suite_version: suiteVersion },
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

function problemsOf(place: string, problems: readonly string[]): string {
  const [first = ""] = problems;
  if (problems.length === 1) return `${place}: ${first}`;
  return `${place} has ${problems.length} problems:\n${problems.map((problem) => `- ${problem}`).join("\n")}`;
}

/** Writes a suite's file; what was there before stays until the new one is whole. */
export async function saveSuite(content: SuiteContent, path: string): Promise<void> {
  await writeFileAtomically(path, [Buffer.from(suiteText(content))]);
}
