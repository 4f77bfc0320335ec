/** @file `tenon import` */
import { Command } from "commander";
import type { ExportOptions } from "./export.ts";

export function importCommand(): Command {
  return new Command("import")
    .description("Make a notebook of a TypeScript module.")
    .argument("<module>", "the .ts file")
    .option("-o, --out <file>", "the notebook (default: NAME.ipynb beside the module, where there is none)")
    .addHelpText(
      "after",
      `
Each line that starts with "// %%" begins a cell; "// %% [markdown]" begins a Markdown cell, in comments.
A module without such lines becomes one cell.

Examples:
  tenon import analysis.ts
  tenon import src/analysis.ts --out analysis.ipynb`,
    )
    .action(async (module: string, options: ExportOptions) => {
      const { importModule } = await import("../share/import-module.ts");
      await importModule(module, options);
    });
}
