/** @file `tenon data validate` and `tenon data infer` */
import { Command, Option } from "commander";

/** The formats of data files: TSV is CSV, NDJSON is JSON. */
export const dataFormats = ["parquet", "csv", "json", "arrow"] as const;

/** A format of data files. */
export type DataFormat = (typeof dataFormats)[number];

export interface DataValidateOptions {
  readonly json?: boolean;
  readonly format?: DataFormat;
}

export interface DataInferOptions {
  readonly out?: string;
  readonly name?: string;
  readonly format?: DataFormat;
}

const formatOption = (): Option =>
  new Option("--format <format>", "what the file is (default: by its ending)").choices(dataFormats);

/** Checks a file against a suite. */
export function dataValidateCommand(): Command {
  return new Command("validate")
    .description("Check that a data file meets every expectation of a suite.")
    .argument("<suite>", "the suite: a JSON file that Tenon or Great Expectations wrote")
    .argument(
      "<file>",
      "the data: Parquet, CSV, TSV, JSON or NDJSON; a pattern such as 'data/*.parquet' for several",
    )
    .option("--json", "print the result as JSON")
    .addOption(formatOption())
    .addHelpText(
      "after",
      `
For each expectation that is not met it tells how many values are unexpected, and examples of them. --json prints the
result in Great Expectations' form.

Examples:
  tenon data infer flights.parquet --out flights.suite.json
  tenon data validate flights.suite.json flights.parquet
  tenon data validate flights.suite.json 'today/*.csv' --json

Exit codes: 0 every expectation is met, 1 one is not, 2 the suite or the data can't be read, or wrong usage.`,
    )
    .action(async (suite: string, file: string, options: DataValidateOptions) => {
      const { validateFile } = await import("../data/validate-file.ts");
      process.exitCode = await validateFile(suite, file, options);
    });
}

/** Writes a first suite. */
export function dataInferCommand(): Command {
  return new Command("infer")
    .description("Write a first suite for a data file: what holds for it now.")
    .argument(
      "<file>",
      "the data: Parquet, CSV, TSV, JSON or NDJSON; a pattern such as 'data/*.parquet' for several",
    )
    .option("-o, --out <suite>", "the suite's file (default: print it)")
    .option("--name <name>", "the suite's name (default: the file's)")
    .addOption(formatOption())
    .addHelpText(
      "after",
      `
The suite has the columns, their types, which have no missing values, ranges of numbers and dates, and the categories of
strings. Read it, and loosen what need not stay so.

Examples:
  tenon data infer flights.parquet
  tenon data infer flights.parquet --out flights.suite.json

Exit codes: 0 success, 2 the data can't be read, the suite not written, or wrong usage.`,
    )
    .action(async (file: string, options: DataInferOptions) => {
      const { inferFile } = await import("../data/infer-file.ts");
      await inferFile(file, options);
    });
}
