/** @file Does what `tenon data infer` is asked. */
import { basename } from "node:path";
import { inferSuite } from "../../ml/data/index.ts";
import { suiteText } from "../../ml/data/validation/suite-file.ts";
import type { DataInferOptions } from "../commands/data-suites.ts";
import { CommandFailure, describeFileError, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";
import { LongWork } from "./long-work.ts";
import { dataFailure, openData } from "./open-data.ts";

/** Infers a suite and writes or prints it. @throws {CommandFailure} where the data can't be read or the suite not written */
export async function inferFile(path: string, { out, name, format }: DataInferOptions): Promise<void> {
  using work = new LongWork(`looking at ${path}`, undefined, "");
  using data = await openData(path, format);
  const suiteName = name ?? basename(path).replace(/\..*$/, "");
  const suite = await inferSuite(data.source, suiteName).catch((error: unknown) => {
    throw dataFailure(path, error);
  });
  work.finish();
  const terminal = new Terminal(process.stdout);
  if (out === undefined) {
    terminal.write(suiteText(suite));
    return;
  }
  try {
    await suite.save(out);
  } catch (cause) {
    throw new CommandFailure(`cannot write ${describeFileError(cause, out)}`, exitCode.usage, { cause });
  }
  terminal.line(`wrote ${out}: ${suite.expectations.length} expectations`);
}
