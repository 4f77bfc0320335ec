/** @file `tenon server import` */
import { Command } from "commander";
import { placed, type StorePlace } from "./server-users.ts";

export interface ImportOptions extends StorePlace {
  readonly artifacts?: string;
}

export function serverImportCommand(): Command {
  return placed(new Command("import"))
    .description("Take over the runs and models of an MLflow file store.")
    .argument("<mlruns>", "the folder that MLflow wrote")
    .action(async (mlruns: string, _options: unknown, command: Command) => {
      const { importCommand } = await import("../server/import-mlruns.ts");
      await importCommand(mlruns, command.optsWithGlobals());
    });
}
