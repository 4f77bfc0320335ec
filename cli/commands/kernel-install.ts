/** @file `tenon kernel install` */
import { existsSync } from "node:fs";
import { Command } from "commander";
import { KernelspecError, tenonKernelspec, writeKernelspec } from "../../jupyter/kernelspec.ts";
import { CommandFailure } from "../failure.ts";
import { findInstallation } from "../installation.ts";
import {
  type PlaceOptions,
  chosenDataDir,
  defaultKernelName,
  prefixOption,
  userOption,
} from "./kernel-place.ts";

interface InstallOptions extends PlaceOptions {
  readonly name: string;
  readonly displayName?: string;
  readonly json?: boolean;
}

export function kernelInstallCommand(): Command {
  return new Command("install")
    .description("Make the kernel known to JupyterLab, VS Code and other Jupyter frontends.")
    .addOption(userOption())
    .addOption(prefixOption())
    .option("--name <name>", "the kernelspec's name", defaultKernelName)
    .option("--display-name <text>", "what frontends show")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
Examples:
  tenon kernel install
  tenon kernel install --prefix .venv
  tenon kernel install --name tenon-dev --display-name "TypeScript (development)"

The kernelspec names this copy of Tenon and this Node by their paths: install again after moving either.`,
    )
    .action(install);
}

async function install(options: InstallOptions): Promise<void> {
  const { kernelMain, kernelspecFiles } = findInstallation();
  if (!existsSync(kernelMain))
    throw new CommandFailure(`${kernelMain} is missing: run \`npm run build\` first`);
  const spec = tenonKernelspec({
    node: process.execPath,
    kernelMain,
    displayName: options.displayName,
    isElectron: "electron" in process.versions,
  });
  try {
    const installed = await writeKernelspec(chosenDataDir(options), options.name, spec, kernelspecFiles);
    if (options.json === true) console.log(JSON.stringify(installed, undefined, 2));
    else {
      console.log(`Installed "${spec.display_name}" in ${installed.directory}`);
      console.log("Choose it as the kernel of a notebook in JupyterLab or VS Code.");
    }
  } catch (error) {
    if (error instanceof KernelspecError)
      throw new CommandFailure(error.message, undefined, { cause: error });
    throw error;
  }
}
