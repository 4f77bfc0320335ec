/** @file `tenon data`: what tables hold, how they differ, and whether they are what is expected. */
import { Command } from "commander";
import { dataCompareCommand } from "./data-compare.ts";
import { dataProfileCommand } from "./data-profile.ts";
import { dataInferCommand, dataValidateCommand } from "./data-suites.ts";

export function dataCommand(): Command {
  return new Command("data")
    .description("Look at tables in files, and validate them against suites of expectations.")
    .addCommand(dataProfileCommand())
    .addCommand(dataCompareCommand())
    .addCommand(dataValidateCommand())
    .addCommand(dataInferCommand());
}
