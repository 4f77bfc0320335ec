/** @file Options that all commands of runs and models have. */
import { Command } from "commander";

export interface StoreCommandOptions {
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** A command that works on a store of runs and models. */
export function storeCommand(name: string): Command {
  return new Command(name).option(
    "--tracking-uri <uri>",
    "the store: a folder, or a server's URL (default: MLFLOW_TRACKING_URI, else mlruns.tenon)",
  );
}

/** A command whose answer scripts may want. */
export function jsonCommand(name: string): Command {
  return storeCommand(name).option("--json", "print it as JSON");
}
