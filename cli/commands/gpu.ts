/** @file `tenon gpu`: what computes on this machine; `tenon gpu install` fetches what CUDA needs. */
import { Command } from "commander";
import { gpuInstallCommand } from "./gpu-install.ts";

interface GpuOptions {
  readonly json?: boolean;
}

export function gpuCommand(): Command {
  return new Command("gpu")
    .description("Tell which providers compute on this machine, each tried, and why the others do not.")
    .option("--json", "print them as JSON")
    .addCommand(gpuInstallCommand())
    .addHelpText(
      "after",
      "\nExamples:\n  tenon gpu\n  tenon gpu install\n  TENON_PROVIDER=cpu tenon run train.ipynb",
    )
    .action(async (options: GpuOptions) => {
      const { showProviders } = await import("../gpu/show-providers.ts");
      await showProviders(options.json === true);
    });
}
