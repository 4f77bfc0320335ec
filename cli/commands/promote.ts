/** @file `tenon review`, `tenon promote`, `tenon demote` and `tenon rollback` */
import type { Command } from "commander";
import { jsonCommand, type StoreCommandOptions, storeCommand } from "./store-options.ts";

export interface ReviewOptions extends StoreCommandOptions {
  readonly approve?: boolean;
  readonly reject?: boolean;
  readonly comment: string;
}

export interface PromoteOptions extends StoreCommandOptions {
  readonly alias: string;
  readonly check?: boolean;
}

export interface AliasOptions extends StoreCommandOptions {
  readonly alias: string;
}

const whichVersion = "its number, or @ALIAS";

export function reviewCommand(): Command {
  return storeCommand("review")
    .description("Approve or reject a version of a model.")
    .argument("<name>", "the registered model")
    .argument("<version>", whichVersion)
    .option("--approve", "it may be used")
    .option("--reject", "it may not")
    .option("-m, --comment <text>", "why", "")
    .addHelpText(
      "after",
      `
A name counts where the server has verified it, by a token or a password: MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME
and MLFLOW_TRACKING_PASSWORD. What each said last counts, for the files as they were.

Examples:
  tenon review risk 3 --approve -m "Calibrated, and fair by age"
  tenon review risk @challenger --reject -m "Leaks the target by way of since"`,
    )
    .action(async (name: string, version: string, options: ReviewOptions) => {
      const { reviewVersion } = await import("../registry/review-version.ts");
      await reviewVersion(name, version, options);
    });
}

export function promoteCommand(): Command {
  return jsonCommand("promote")
    .description("Point an alias to a version, where the policy has nothing against it.")
    .argument("<name>", "the registered model")
    .argument("<version>", whichVersion)
    .requiredOption("--alias <alias>", 'the alias, such as "champion"')
    .option("--check", "only tell what speaks against it")
    .addHelpText(
      "after",
      `
The policy is tenon.policy.json in the store's folder or beside it, or what tenon server --policy names. Promotions and
refusals are entered into the audit log.

Examples:
  tenon promote risk 3 --alias champion --check
  tenon promote risk 3 --alias champion

Exit codes: 0 the alias points to the version (or may), 1 the policy refuses it, 2 wrong usage.`,
    )
    .action(async (name: string, version: string, options: PromoteOptions) => {
      const { promoteVersion } = await import("../registry/promote-version.ts");
      process.exitCode = await promoteVersion(name, version, options);
    });
}

export function demoteCommand(): Command {
  return storeCommand("demote")
    .description("Take an alias away from the version that has it.")
    .argument("<name>", "the registered model")
    .requiredOption("--alias <alias>", "the alias")
    .action(async (name: string, options: AliasOptions) => {
      const { demote } = await import("../registry/move-alias.ts");
      await demote(name, options);
    });
}

export function rollbackCommand(): Command {
  return storeCommand("rollback")
    .description("Point an alias to the version that had it before.")
    .argument("<name>", "the registered model")
    .requiredOption("--alias <alias>", "the alias")
    .addHelpText(
      "after",
      "\nThe policy isn't asked; the files of that version must be those that it had then.",
    )
    .action(async (name: string, options: AliasOptions) => {
      const { rollback } = await import("../registry/move-alias.ts");
      await rollback(name, options);
    });
}
