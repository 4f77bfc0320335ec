/** @file `tenon export` */
import { Command } from "commander";

export interface ExportOptions {
  readonly out?: string;
}

export interface ExportHtmlOptions extends ExportOptions {
  readonly images?: string;
}

export function exportCommand(): Command {
  return new Command("export")
    .description("Write a notebook as a web page or as a TypeScript module.")
    .addCommand(exportHtmlCommand())
    .addCommand(exportModuleCommand());
}

function exportHtmlCommand(): Command {
  return new Command("html")
    .description("Write a notebook, as it is, as one stand-alone HTML page.")
    .argument("<notebook>", "the .ipynb file")
    .option("-o, --out <file>", "the page (default: NAME.html beside the notebook)")
    .option("--images <folder>", "where the images that the notebook shows are (default: its own folder)")
    .addHelpText(
      "after",
      `
The page needs no network, is light or dark as its reader likes, and runs no script of the notebook's.
Nothing runs: outputs are those in the file. To run first: tenon run NOTEBOOK --html FILE

Examples:
  tenon export html analysis.ipynb
  tenon export html analysis.ipynb --out public/report.html`,
    )
    .action(async (notebook: string, options: ExportHtmlOptions) => {
      const { exportPage } = await import("../share/export-notebook.ts");
      await exportPage(notebook, options);
    });
}

function exportModuleCommand(): Command {
  return new Command("ts")
    .description("Write a notebook as a TypeScript module that becomes a notebook again.")
    .argument("<notebook>", "the .ipynb file")
    .option("-o, --out <file>", "the module (default: NAME.ts beside the notebook, where there is none)")
    .addHelpText(
      "after",
      `
Cells are kept apart by lines that start with "// %%", Markdown cells and magics are comments. Ids, tags and other
metadata are kept, outputs are not. \`tenon import\` makes a notebook of it again.

Examples:
  tenon export ts analysis.ipynb
  tenon export ts analysis.ipynb --out src/analysis.ts`,
    )
    .action(async (notebook: string, options: ExportOptions) => {
      const { exportModule } = await import("../share/export-notebook.ts");
      await exportModule(notebook, options);
    });
}
