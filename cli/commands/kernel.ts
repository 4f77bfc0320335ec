/** @file `tenon kernel`: makes our kernel known to Jupyter frontends. */
import { Command } from "commander";
import { kernelInstallCommand } from "./kernel-install.ts";
import { kernelListCommand } from "./kernel-list.ts";
import { kernelUninstallCommand } from "./kernel-uninstall.ts";

export function kernelCommand(): Command {
  return new Command("kernel")
    .description("Install, list and remove the Jupyter kernel.")
    .addCommand(kernelInstallCommand())
    .addCommand(kernelListCommand())
    .addCommand(kernelUninstallCommand());
}
