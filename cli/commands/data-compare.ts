/** @file `tenon data compare` */
import { Command } from "commander";

export interface DataCompareOptions {
  readonly key?: readonly string[];
  readonly out?: string;
  readonly json?: boolean;
}

export function dataCompareCommand(): Command {
  return new Command("compare")
    .description("Tell how two tables differ: columns, values, distributions, and rows by key.")
    .argument("<expected>", "a .parquet, .csv, .tsv, .json or .ndjson file: what is expected")
    .argument("<actual>", "the file that is compared with it")
    .option("-k, --key <columns...>", "the columns that name a row: rows are matched by them")
    .option(
      "-o, --out <file>",
      "write the comparison: a page where it ends in .html, data where it ends in .json",
    )
    .option("--json", "print the comparison as JSON")
    .addHelpText(
      "after",
      `
Distributions are compared by the population stability index, the Jensen-Shannon distance, and the Kolmogorov-Smirnov
or the chi-square test.

Examples:
  tenon data compare training.parquet today.parquet
  tenon data compare before.csv after.csv --key id -o changes.html`,
    )
    .action(async (expected: string, actual: string, options: DataCompareOptions) => {
      const { compareFiles } = await import("../data/compare-files.ts");
      await compareFiles(expected, actual, options);
    });
}
