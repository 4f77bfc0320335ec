/** @file `tenon data`: what tables hold, how they differ, and whether they are what is expected; versions of data. */
import { Command } from "commander";
import { dataCompareCommand } from "./data-compare.ts";
import { dataProfileCommand } from "./data-profile.ts";
import { dataSnapshotCommands } from "./data-snapshots.ts";
import { dataInferCommand, dataValidateCommand } from "./data-suites.ts";

export function dataCommand(): Command {
  const command = new Command("data")
    .description(
      "Look at tables in files, validate them against suites of expectations, and keep versions of data.",
    )
    .addCommand(dataProfileCommand())
    .addCommand(dataCompareCommand())
    .addCommand(dataValidateCommand())
    .addCommand(dataInferCommand());
  for (const each of dataSnapshotCommands()) command.addCommand(each);
  return command;
}
