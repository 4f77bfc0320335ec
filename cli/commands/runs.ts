/** @file `tenon runs` */
import { Command, Option } from "commander";
import { collect, count } from "../option-values.ts";
import { jsonCommand, type StoreCommandOptions, storeCommand } from "./store-options.ts";

export interface RunsListOptions extends StoreCommandOptions {
  readonly experiment: readonly string[];
  readonly filter?: string;
  readonly orderBy: readonly string[];
  readonly limit: number;
  readonly deleted?: boolean;
}

export function runsCommand(): Command {
  return new Command("runs")
    .description("List, show, compare, export and delete runs.")
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(compareCommand())
    .addCommand(exportCommand())
    .addCommand(deleteCommand());
}

function listCommand(): Command {
  return jsonCommand("list")
    .description("List runs, the latest first.")
    .option("--experiment <name>", "an experiment, by name or id; repeatable (default: all)", collect, [])
    .option("--filter <text>", "MLflow's filter, such as \"metrics.loss < 0.3 AND params.depth = '3'\"")
    .option("--order-by <text>", 'MLflow\'s order, such as "metrics.loss ASC"; repeatable', collect, [])
    .option("-n, --limit <number>", "how many at most", count, 50)
    .option("--deleted", "those that were deleted")
    .addHelpText(
      "after",
      `
Examples:
  tenon runs list
  tenon runs list --experiment credit-risk --filter "metrics.rocAuc > 0.8" --order-by "metrics.rocAuc DESC"
  tenon runs list --json | jq -r '.[0].info.runId'`,
    )
    .action(async (options: RunsListOptions) => {
      const { listRuns } = await import("../registry/list-runs.ts");
      await listRuns(options);
    });
}

function showCommand(): Command {
  return jsonCommand("show")
    .description("Show a run: params, metrics, tags, data and models.")
    .argument("<run>", "the run's id")
    .action(async (run: string, options: StoreCommandOptions) => {
      const { showRun } = await import("../registry/show-run.ts");
      await showRun(run, options);
    });
}

function compareCommand(): Command {
  return jsonCommand("compare")
    .description("Show how runs differ: their params and metrics side by side.")
    .argument("<runs...>", "the runs' ids, two or more")
    .addHelpText("after", "\nParams and metrics that are the same in all runs are left out, but with --json.")
    .action(async (runs: readonly string[], options: StoreCommandOptions) => {
      const { compareRuns } = await import("../registry/compare-runs.ts");
      await compareRuns(runs, options);
    });
}

export interface RunsExportOptions extends StoreCommandOptions {
  readonly format: string;
  readonly out: string;
  readonly project?: string;
}

function exportCommand(): Command {
  return storeCommand("export")
    .description("Write runs as files for other programs.")
    .argument("<runs...>", "the runs' ids")
    .addOption(
      new Option("--format <name>", "for TensorBoard, for `wandb sync`, or everything as JSON")
        .choices(["tensorboard", "wandb", "json"])
        .makeOptionMandatory(),
    )
    .requiredOption("-o, --out <folder>", "the folder that they are written to")
    .option("--project <name>", "with wandb: the project that they are to be in (default: tenon)")
    .addHelpText(
      "after",
      `
Examples:
  tenon runs export 0a1b… --format tensorboard -o logs && tensorboard --logdir logs
  tenon runs export 0a1b… --format wandb -o wandb && wandb sync wandb/offline-run-*`,
    )
    .action(async (runs: readonly string[], options: RunsExportOptions) => {
      const { exportRuns } = await import("../registry/export-runs.ts");
      await exportRuns(runs, options);
    });
}

function deleteCommand(): Command {
  return storeCommand("delete")
    .description("Delete runs. They stay in the store, and `tenon runs list --deleted` lists them.")
    .argument("<runs...>", "the runs' ids")
    .action(async (runs: readonly string[], options: StoreCommandOptions) => {
      const { deleteRuns } = await import("../registry/delete-runs.ts");
      await deleteRuns(runs, options);
    });
}
