/** @file `tenon models` and `tenon register` */
import { Command } from "commander";
import { collect } from "../option-values.ts";
import { jsonCommand, type StoreCommandOptions } from "./store-options.ts";

export interface RegisterOptions extends StoreCommandOptions {
  readonly run?: string;
  readonly tag: readonly string[];
}

export function modelsCommand(): Command {
  return new Command("models")
    .description("List and show registered models and their versions.")
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(versionsCommand());
}

function listCommand(): Command {
  return jsonCommand("list")
    .description("List registered models.")
    .option("--filter <text>", "MLflow's filter, such as \"name LIKE 'risk%'\"")
    .action(async (options: StoreCommandOptions & { readonly filter?: string }) => {
      const { listModels } = await import("../registry/list-models.ts");
      await listModels(options);
    });
}

function showCommand(): Command {
  return jsonCommand("show")
    .description("Show a version of a model: what speaks for and against it.")
    .argument("<name>", "the registered model")
    .argument("[version]", "its number, or @ALIAS (default: the latest)")
    .addHelpText(
      "after",
      `
Examples:
  tenon models show risk
  tenon models show risk @champion`,
    )
    .action(async (name: string, version: string | undefined, options: StoreCommandOptions) => {
      const { showVersion } = await import("../registry/show-version.ts");
      await showVersion(name, version, options);
    });
}

function versionsCommand(): Command {
  return jsonCommand("versions")
    .description("List the versions of a model.")
    .argument("<name>", "the registered model")
    .action(async (name: string, options: StoreCommandOptions) => {
      const { listVersions } = await import("../registry/list-versions.ts");
      await listVersions(name, options);
    });
}

export function registerCommand(): Command {
  return jsonCommand("register")
    .description("Register a model directory as the next version of a model.")
    .argument("<directory>", "the model directory, as tenon package writes it")
    .argument("<name>", "the registered model; made where it is not there")
    .option("--run <id>", "the run that made it (default: the one in the package, where the store has it)")
    .option("--tag <name=value>", "a tag of the version; repeatable", collect, [])
    .addHelpText(
      "after",
      `
Its files are uploaded as they are, so a signature in them (tenon sign) stays valid.

Examples:
  tenon register models/risk risk
  tenon register models/risk risk --tracking-uri http://127.0.0.1:5000`,
    )
    .action(async (directory: string, name: string, options: RegisterOptions) => {
      const { registerFolder } = await import("../registry/register-folder.ts");
      await registerFolder(directory, name, options);
    });
}
