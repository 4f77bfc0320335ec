/** @file `tenon types` */
import { Command, Option } from "commander";

export interface TypesOptions {
  readonly out: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

export function typesCommand(): Command {
  return new Command("types")
    .description('Write the columns of data files as declarations, so that `read("…")` knows them.')
    .argument("[files...]", "data files or patterns (default: those that the TypeScript files here read)")
    .option("-o, --out <file>", "the declaration file", "tenon-tables.d.ts")
    .addOption(
      new Option("--check", "write nothing; fail where the declaration file is out of date").conflicts(
        "json",
      ),
    )
    .option("--json", "print the columns as JSON and write nothing")
    .addHelpText(
      "after",
      `
Without files, the paths in read("…") of tenon/data are looked for in the TypeScript files of this folder and those below
(not in node_modules). Paths are relative to this folder: run the program and this command in the same one.
The compiler has to see the declaration file: tsconfig.json's "include" or "files" must cover it.

Examples:
  tenon types
  tenon types data/flights.parquet 'data/*.csv'
  tenon types --check

Exit codes: 0 success, 1 a file cannot be read or, with --check, the declarations are out of date, 2 wrong usage.`,
    )
    .action(async (files: readonly string[], options: TypesOptions) => {
      const { writeTypes } = await import("../types/write-types.ts");
      await writeTypes(files, options);
    });
}
