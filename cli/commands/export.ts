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
  return formatCommand("html", {
    description: "Write a notebook, as it is, as one stand-alone HTML page.",
    out: "the page (default: NAME.html beside the notebook)",
    help: `
The page needs no network, is light or dark as its reader likes, and runs no script of the notebook's.
Nothing runs: outputs are those in the file. To run first: tenon run NOTEBOOK --html FILE

Examples:
  tenon export html analysis.ipynb
  tenon export html analysis.ipynb --out public/report.html`,
  })
    .option("--images <folder>", "where the images that the notebook shows are (default: its own folder)")
    .action(async (notebook: string, options: ExportHtmlOptions) => {
      await (await exporters()).exportPage(notebook, options);
    });
}

function exportModuleCommand(): Command {
  return formatCommand("ts", {
    description: "Write a notebook as a TypeScript module that becomes a notebook again.",
    out: "the module (default: NAME.ts beside the notebook, where there is none)",
    help: `
Cells are kept apart by lines that start with "// %%", Markdown cells and magics are comments. Ids, tags and other
metadata are kept, outputs are not. \`tenon import\` makes a notebook of it again.

Examples:
  tenon export ts analysis.ipynb
  tenon export ts analysis.ipynb --out src/analysis.ts`,
  }).action(async (notebook: string, options: ExportOptions) => {
    await (await exporters()).exportModule(notebook, options);
  });
}

interface FormatTexts {
  readonly description: string;
  /** What `--out` is, and is by default. */
  readonly out: string;
  readonly help: string;
}

/** What the commands of all formats have. */
function formatCommand(name: string, { description, out, help }: FormatTexts): Command {
  return new Command(name)
    .description(description)
    .argument("<notebook>", "the .ipynb file")
    .option("-o, --out <file>", out)
    .addHelpText("after", help);
}

const exporters = async () => await import("../share/export-notebook.ts");
