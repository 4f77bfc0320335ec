/** @file `tenon kernel uninstall` */
import { Command } from "commander";
import { KernelspecError, findKernelspec, removeKernelspec } from "../../jupyter/kernelspec.ts";
import { CommandFailure } from "../failure.ts";
import { isTenonKernelspec } from "./kernel-list.ts";
import {
  type PlaceOptions,
  chosenDataDir,
  defaultKernelName,
  prefixOption,
  userOption,
} from "./kernel-place.ts";

interface UninstallOptions extends PlaceOptions {
  readonly name: string;
}

export function kernelUninstallCommand(): Command {
  return new Command("uninstall")
    .description("Remove the kernel from where `tenon kernel install` put it.")
    .addOption(userOption())
    .addOption(prefixOption())
    .option("--name <name>", "the kernelspec's name", defaultKernelName)
    .addHelpText("after", "\nExamples:\n  tenon kernel uninstall\n  tenon kernel uninstall --prefix .venv")
    .action(uninstall);
}

async function uninstall(options: UninstallOptions): Promise<void> {
  const place = chosenDataDir(options);
  try {
    const found = await findKernelspec(options.name, [place]).catch(() => undefined);
    if (found !== undefined && !isTenonKernelspec(found)) {
      throw new CommandFailure(
        `"${options.name}" is another program's kernel (${found.spec.display_name}); it stays`,
      );
    }
    if (!(await removeKernelspec(place, options.name))) {
      throw new CommandFailure(
        `no kernel "${options.name}" in ${place}; \`tenon kernel list\` shows what there is`,
      );
    }
    console.log(`Removed "${options.name}" from ${place}`);
  } catch (error) {
    if (error instanceof KernelspecError)
      throw new CommandFailure(error.message, undefined, { cause: error });
    throw error;
  }
}
