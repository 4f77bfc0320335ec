/** @file `tenon kernel list` */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { type InstalledKernelspec, dataDirs, listKernelspecs } from "../../jupyter/kernelspec.ts";
import { Terminal } from "../terminal.ts";

interface ListOptions {
  readonly prefix?: string;
  readonly json?: boolean;
}

export function kernelListCommand(): Command {
  return new Command("list")
    .description("List the Jupyter kernels that are installed, ours marked.")
    .option("--prefix <dir>", "look in this installation prefix too")
    .option("--json", "print the list as JSON")
    .addHelpText("after", "\nExamples:\n  tenon kernel list\n  tenon kernel list --json")
    .action(list);
}

/** Whether a kernelspec is of a copy of Tenon. */
export function isTenonKernelspec({ spec }: InstalledKernelspec): boolean {
  return spec.language === "typescript" && spec.argv.some((part) => /[/\\]kernel[/\\]main\.cjs$/.test(part));
}

/** The path that the kernelspec starts, where it does not exist. */
export function missingProgram({ spec }: InstalledKernelspec): string | undefined {
  return spec.argv.slice(0, 3).find((path) => /^[^-{].*[/\\]/.test(path) && !existsSync(path));
}

async function list(options: ListOptions): Promise<void> {
  const found = await listKernelspecs(
    dataDirs(options.prefix === undefined ? [] : [resolve(options.prefix)]),
  );
  if (options.json === true) {
    const rows = found.map((each) => ({
      ...each,
      tenon: isTenonKernelspec(each),
      missing: missingProgram(each) ?? null,
    }));
    console.log(JSON.stringify(rows, undefined, 2));
    return;
  }
  const terminal = new Terminal(process.stdout);
  if (found.length === 0)
    terminal.line("No Jupyter kernels are installed; `tenon kernel install` installs ours.");
  const width = Math.max(0, ...found.map(({ name }) => name.length));
  for (const each of found) {
    const mark = isTenonKernelspec(each) ? terminal.style("green", "*") : " ";
    terminal.line(
      `${mark} ${each.name.padEnd(width)}  ${each.spec.display_name}  ${terminal.style("dim", each.directory)}`,
    );
    const missing = missingProgram(each);
    if (missing !== undefined) {
      terminal.line(
        `    ${terminal.style("yellow", "broken:")} ${missing} does not exist; install the kernel again`,
      );
    }
  }
}
