/** @file Does what `tenon data validate` is asked. */
import { readFile } from "node:fs/promises";
import { parseSuite, SuiteError, validateSuite, type SuiteContent } from "../../ml/data/index.ts";
import { suiteResultText } from "../../ml/data/validation/result-text.ts";
import type { DataValidateOptions } from "../commands/data-suites.ts";
import { CommandFailure, describeFileError, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";
import { dataFailure, openData } from "./open-data.ts";
import { LongWork } from "./long-work.ts";

/** Validates; resolves with the exit code. @throws {CommandFailure} where the suite or the data can't be read */
export async function validateFile(
  suitePath: string,
  path: string,
  { json, format }: DataValidateOptions,
): Promise<number> {
  const suite = await loadSuite(suitePath);
  using work = new LongWork(`validating ${path}`, suite.expectations.length, "expectations");
  using data = await openData(path, format);
  const result = await validateSuite(data.source, suite, {
    onRound: (_, waiting) => work.set(suite.expectations.length - waiting),
  }).catch((error: unknown) => {
    throw dataFailure(path, error);
  });
  work.finish();
  const terminal = new Terminal(process.stdout);
  if (json === true) terminal.line(JSON.stringify(result, undefined, 2));
  else
    terminal.line(
      suiteResultText(result, {
        ok: (text) => terminal.style("green", text),
        failed: (text) => terminal.style("red", text),
        dim: (text) => terminal.style("dim", text),
      }),
    );
  return result.success ? exitCode.ok : exitCode.failed;
}

async function loadSuite(path: string): Promise<SuiteContent> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new CommandFailure(describeFileError(cause, path), exitCode.usage, { cause });
  }
  try {
    return parseSuite(text, path);
  } catch (cause) {
    if (cause instanceof SuiteError) throw new CommandFailure(cause.message, exitCode.usage, { cause });
    throw cause;
  }
}
