/** @file What commands on tables show: progress on stderr, the result on stdout or in a file. */
import { resolve } from "node:path";
import { ReportError } from "../../ml/report-page.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { sayWritten } from "../share/shared-file.ts";
import { Terminal } from "../terminal.ts";

/** Where a result goes. */
export interface ReportTarget {
  readonly out?: string;
  readonly json?: boolean;
}

/** A profile or a comparison. */
export interface ShownReport {
  toJSON(): unknown;
  save(file: string): Promise<void>;
  text(): string;
}

/** Refuses a file that no report is written as, or that is read, before any work. @throws {CommandFailure} */
export function checkTarget({ out }: ReportTarget, inputs: readonly string[]): void {
  if (out !== undefined && !/\.(?:html?|json)$/i.test(out))
    throw new CommandFailure(`--out ${out}: a report is written as .html or as .json`, exitCode.usage);
  if (out !== undefined && inputs.some((input) => resolve(input) === resolve(out)))
    throw new CommandFailure("--out names a file that is read", exitCode.usage);
}

/** One line on stderr that tells what is being computed, where lines can be rewritten; it is gone at the end. */
export async function withProgress<T>(
  work: (onProgress: (step: string, done: number) => void) => Promise<T>,
): Promise<T> {
  const terminal = new Terminal(process.stderr);
  if (!terminal.interactive) return await work(() => undefined);
  try {
    return await work((step, done) => {
      const line = `${String(Math.round(done * 100)).padStart(3)} %  ${step}`;
      terminal.write(`\r${line.slice(0, terminal.width - 1)}\u001B[K`);
    });
  } finally {
    terminal.write("\r\u001B[K");
  }
}

/** Writes and prints a result as asked: JSON, a file, or, with neither, text. @throws {CommandFailure} */
export async function showReport(report: ShownReport, { out, json }: ReportTarget): Promise<void> {
  if (out !== undefined) {
    try {
      await report.save(resolve(out));
    } catch (cause) {
      if (cause instanceof ReportError) throw new CommandFailure(cause.message, undefined, { cause });
      throw cause;
    }
    // With JSON on stdout, nothing else may stand there.
    if (json !== true) sayWritten(resolve(out));
  }
  const terminal = new Terminal(process.stdout);
  if (json === true) terminal.line(JSON.stringify(report, undefined, 2));
  else if (out === undefined) terminal.line(report.text());
}
