/** @file `tenon run` */
import { Command, InvalidArgumentError } from "commander";

export interface RunOptions {
  readonly out?: string;
  readonly param: readonly string[];
  readonly timeout?: number;
  readonly allowErrors?: boolean;
  readonly html?: string;
  readonly json?: boolean;
}

export function runCommand(): Command {
  return new Command("run")
    .description("Run a notebook from top to bottom and write the executed notebook.")
    .argument("<notebook>", "the .ipynb file")
    .option("-o, --out <file>", "the executed notebook (default: output/NAME.ipynb beside the notebook)")
    .option("-p, --param <name=value>", "set a parameter; may be repeated", collect, [])
    .option("--timeout <seconds>", "interrupt a cell that takes longer, and stop", parseSeconds)
    .option("--allow-errors", "go on after a cell that fails")
    .option("--html <file>", "also write a stand-alone HTML page")
    .option("--json", "print the result as JSON on stdout and the progress on stderr")
    .addHelpText(
      "after",
      `
The notebook runs in its own folder. The executed notebook is written after every cell, so that nothing is lost.

Parameters replace values that the cell tagged "parameters" declares. A value is JSON (5, true, [1, 2], {"a": 1})
or else plain text. The new values stand in a cell tagged "injected-parameters" below that cell.

Tags: "parameters"; "skip-execution" leaves a cell out; "raises-exception" goes on after its error.

Examples:
  tenon run analysis.ipynb
  tenon run train.ipynb --param epochs=5 --param region=north --out runs/north.ipynb
  tenon run report.ipynb --html report.html --timeout 600

Exit codes: 0 success, 1 a cell failed, timed out or the kernel ended, 2 wrong usage, 130 ended by Ctrl-C
(once: stops the cell and saves; twice: ends the kernel).`,
    )
    .action(async (notebook: string, options: RunOptions) => {
      const { run } = await import("../run/run.ts");
      process.exitCode = await run(notebook, options);
    });
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === "" || !Number.isFinite(seconds) || seconds <= 0) {
    throw new InvalidArgumentError("It must be a number of seconds above 0.");
  }
  return seconds;
}
