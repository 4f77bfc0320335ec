/** @file `tenon data`: what tables hold, and how they differ. */
import { Command } from "commander";
import { dataCompareCommand } from "./data-compare.ts";
import { dataProfileCommand } from "./data-profile.ts";

export function dataCommand(): Command {
  return new Command("data")
    .description("Look at tables in Parquet, CSV and JSON files.")
    .addCommand(dataProfileCommand())
    .addCommand(dataCompareCommand());
}
