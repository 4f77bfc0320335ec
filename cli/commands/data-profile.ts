/** @file `tenon data profile` */
import { Command } from "commander";

export interface DataProfileOptions {
  readonly out?: string;
  readonly json?: boolean;
}

export function dataProfileCommand(): Command {
  return new Command("profile")
    .description(
      "Tell what a table holds: statistics, distributions, missing values, correlations, warnings.",
    )
    .argument("<file>", "a .parquet, .csv, .tsv, .json or .ndjson file")
    .option(
      "-o, --out <file>",
      "write the profile: a page where it ends in .html, data where it ends in .json",
    )
    .option("--json", "print the profile as JSON")
    .addHelpText(
      "after",
      `
Of more than 100,000 rows some figures are estimates, or from a sample; the profile says which.
The page needs no network, and is light, dark or of high contrast as its reader likes.

Examples:
  tenon data profile flights.parquet
  tenon data profile flights.parquet -o flights.html
  tenon data profile customers.csv --json`,
    )
    .action(async (file: string, options: DataProfileOptions) => {
      const { profileFile } = await import("../data/profile-file.ts");
      await profileFile(file, options);
    });
}
