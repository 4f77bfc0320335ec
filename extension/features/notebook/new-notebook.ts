/** @file `Tenon: New Notebook`, from a template. */
import {
  Disposable,
  NotebookCellData,
  NotebookCellKind,
  NotebookData,
  commands,
  l10n,
  window,
  workspace,
} from "vscode";
import { notebookType } from "../../platform/notebook-cells.ts";

type Cell = readonly [kind: "markdown" | "code", text: string];

interface Template {
  readonly label: string;
  readonly detail: string;
  readonly cells: readonly Cell[];
}

function templates(): readonly Template[] {
  return [
    { label: l10n.t("Empty"), detail: l10n.t("One cell"), cells: [["code", ""]] },
    {
      label: l10n.t("Data"),
      detail: l10n.t("Query a Parquet or CSV file with SQL"),
      cells: [
        ["markdown", `# ${l10n.t("Data")}`],
        [
          "code",
          'import { openDatabase } from "tenon/data";\n\nconst db = await openDatabase();\nawait db.query("from \'data.parquet\' limit 20")',
        ],
      ],
    },
    {
      label: l10n.t("Training"),
      detail: l10n.t("Train a small network and look at its scores"),
      cells: [
        ["markdown", `# ${l10n.t("Training")}`],
        ["code", 'import { binaryClassifier } from "tenon/nn";\nimport { rocAuc } from "tenon/evaluate";'],
        [
          "code",
          "const count = 2000;\nconst x = Float32Array.from({ length: count }, () => Math.random());\nconst y = Float32Array.from({ length: count }, () => Math.random());\nconst inside = Uint8Array.from(x, (value, row) => Number(value ** 2 + y[row]! ** 2 < 0.6));",
        ],
        [
          "code",
          'const network = binaryClassifier({ numeric: ["x", "y"], categorical: [], hidden: [16] });\nawait network.fit({ x, y }, inside, { epochs: 20, seed: 1 });\nrocAuc(inside, await network.predict({ x, y }))',
        ],
      ],
    },
  ];
}

/** Registers the command. */
export function registerNewNotebook(): Disposable {
  return commands.registerCommand("tenon.newNotebook", async () => {
    const template = await window.showQuickPick(templates(), {
      title: l10n.t("New TypeScript Notebook"),
      placeHolder: l10n.t("What to start from"),
    });
    if (template === undefined) return;
    const data = new NotebookData(
      template.cells.map(([kind, text]) =>
        kind === "code"
          ? new NotebookCellData(NotebookCellKind.Code, text, "typescript")
          : new NotebookCellData(NotebookCellKind.Markup, text, "markdown"),
      ),
    );
    data.metadata = {
      metadata: {
        kernelspec: { name: "tenon", display_name: "TypeScript (Tenon)", language: "typescript" },
        language_info: { name: "typescript" },
      },
      nbformat: 4,
      nbformat_minor: 5,
    };
    await window.showNotebookDocument(await workspace.openNotebookDocument(notebookType, data));
  });
}
