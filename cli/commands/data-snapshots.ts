/** @file `tenon data snapshot`, `list`, `diff`, `checkout`, `models` and `gc`: versions of data. */
import { Command, Option } from "commander";

export interface SnapshotCommandOptions {
  readonly store?: string;
  readonly json?: boolean;
}

export interface TakeSnapshotOptions extends SnapshotCommandOptions {
  readonly name?: string;
}

export interface ModelsOfDataOptions extends SnapshotCommandOptions {
  readonly in?: readonly string[];
  readonly registry?: string;
}

export interface CollectGarbageOptions extends SnapshotCommandOptions {
  readonly remove?: readonly string[];
}

const whichSnapshot = "NAME (the latest), NAME@DIGEST or DIGEST; four digits are enough";

/** The commands on versions of data. */
export function dataSnapshotCommands(): readonly Command[] {
  return [
    command("snapshot")
      .description("Keep a file's or folder's content, by its SHA-256, and tell what is in it.")
      .argument("<path>", "a file, a folder, or a .dvc pointer, whose data are taken from DVC's cache")
      .option("--name <name>", "the snapshot's name (default: the file's, without its ending)")
      .addHelpText(
        "after",
        `
Content that the store has is not kept again. Of Parquet, CSV, TSV and NDJSON files the schema, rows and statistics are kept too.

Examples:
  tenon data snapshot flights.parquet
  tenon data snapshot images --name training-images --json
  tenon data snapshot data.csv.dvc`,
      )
      .action(async (path: string, options: TakeSnapshotOptions) => {
        const { takeSnapshot } = await import("../data/snapshots.ts");
        await takeSnapshot(path, options);
      }),
    command("list")
      .description("List the snapshots, the latest first.")
      .addHelpText("after", "\nExamples:\n  tenon data list\n  tenon data list --json")
      .action(async (options: SnapshotCommandOptions) => {
        const { listSnapshots } = await import("../data/snapshots.ts");
        await listSnapshots(options);
      }),
    command("diff")
      .description("Tell how two snapshots differ: files, columns, rows, statistics.")
      .argument("<before>", whichSnapshot)
      .argument("<after>", "the same of the later one")
      .addHelpText(
        "after",
        `
Examples:
  tenon data diff flights@3f2a flights
  tenon data diff 3f2a91 77b0c4 --json

Exit codes: 0 told, whether they differ or not; 1 there is no such snapshot, or it can't be read.`,
      )
      .action(async (before: string, after: string, options: SnapshotCommandOptions) => {
        const { diffSnapshots } = await import("../data/snapshots.ts");
        await diffSnapshots(before, after, options);
      }),
    command("checkout")
      .description("Write a snapshot's content to a place where nothing is yet, every byte verified.")
      .argument("<snapshot>", whichSnapshot)
      .argument("<to>", "the file or folder to write")
      .addHelpText("after", "\nExamples:\n  tenon data checkout flights@3f2a old-flights.parquet")
      .action(async (reference: string, to: string, options: SnapshotCommandOptions) => {
        const { checkoutSnapshot } = await import("../data/snapshots.ts");
        await checkoutSnapshot(reference, to, options);
      }),
    command("models")
      .description("Tell which models were made of a snapshot, by the lineage in their packages.")
      .argument("<snapshot>", whichSnapshot)
      .option("--in <folders...>", "folders of model directories, such as a server's (default: models)")
      .option("--registry <url>", "a tenon or MLflow server whose registered models are looked through")
      .addHelpText(
        "after",
        `
Examples:
  tenon data models flights@3f2a --in models mlruns.tenon/artifacts
  tenon data models flights --registry http://127.0.0.1:5000

Who asks a registry is told by MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.`,
      )
      .action(async (reference: string, options: ModelsOfDataOptions) => {
        const { showModelsOf } = await import("../data/snapshots.ts");
        await showModelsOf(reference, options);
      }),
    command("gc")
      .description("Remove content that no snapshot names and that is older than an hour.")
      .option("--remove <snapshots...>", "snapshots to remove first")
      .addHelpText("after", "\nExamples:\n  tenon data gc\n  tenon data gc --remove flights@3f2a")
      .action(async (options: CollectGarbageOptions) => {
        const { collectGarbage } = await import("../data/snapshots.ts");
        await collectGarbage(options);
      }),
  ];
}

function command(name: string): Command {
  return new Command(name)
    .addOption(new Option("--store <folder>", "where snapshots are kept (default: .tenon/data)"))
    .option("--json", "print the result as JSON");
}
