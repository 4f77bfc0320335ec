/** @file `Tenon: Run With Parameters…`: asks for values, puts them into the notebook, and runs it on a fresh kernel. */
import { type NotebookDocument, type QuickPickItem, QuickPickItemKind, l10n, window } from "vscode";
import type { Expected, ParameterField, ParameterForm } from "../../notebook/parameter-form.ts";
import {
  addParametersCell,
  injectedCell,
  parametersCell,
  replaceInjected,
  showCell,
} from "./parameter-cells.ts";

/** Puts the values that the user gives into the notebook. Resolves with whether the notebook is to run now. */
export async function takeParameters(notebook: NotebookDocument): Promise<boolean> {
  const cell = parametersCell(notebook);
  if (cell === undefined) {
    const add = l10n.t("Add Parameters Cell");
    const message = l10n.t(
      'This notebook has no parameters. They are the variables of a cell that is tagged "parameters".',
    );
    if ((await window.showInformationMessage(message, add)) === add) await addParametersCell(notebook);
    return false;
  }
  // The parser is loaded when it is needed.
  const { ParameterForm } = await import("../../notebook/parameter-form.ts");
  const form = new ParameterForm(cell.document.getText(), injectedCell(notebook)?.document.getText());
  if (form.fields.length === 0) {
    const show = l10n.t("Show Cell");
    const message = l10n.t("The parameters cell declares no variable. Write one there: let epochs = 5;");
    if ((await window.showInformationMessage(message, show)) === show) await showCell(notebook, cell.index);
    return false;
  }
  if (!(await fillIn(form))) return false;
  await replaceInjected(notebook, form.injected()?.code);
  return true;
}

/** The list of parameters, until the user runs or leaves it. */
async function fillIn(form: ParameterForm): Promise<boolean> {
  const title = l10n.t("Run With Parameters");
  for (let last: string | undefined; ;) {
    const chosen = await choose(title, form, last);
    if (chosen === undefined) return false;
    if (chosen === "run") return true;
    last = chosen.name;
    const text = await (chosen.choices.length > 0 ? askChoice(chosen) : askText(form, chosen));
    if (text !== undefined) form.set(chosen.name, text);
  }
}

interface FormItem extends QuickPickItem {
  readonly choice?: "run" | ParameterField;
}

/** Shows the list; the parameter that was changed last is where the cursor is. */
async function choose(
  title: string,
  { fields }: ParameterForm,
  last: string | undefined,
): Promise<"run" | ParameterField | undefined> {
  const parameters = fields.map((field): FormItem => ({
    label: `${field.isChanged ? "$(edit)" : "$(symbol-variable)"} ${field.name} = ${field.text}`,
    description: [field.type, field.isChanged ? l10n.t("default: {0}", field.default) : l10n.t("default")]
      .filter((part) => part !== undefined)
      .join(" · "),
    choice: field,
  }));
  const run: FormItem = {
    label: `$(run-all) ${l10n.t("Run")}`,
    description: l10n.t("all cells, on a fresh kernel"),
    choice: "run",
  };
  const separator: FormItem = { label: l10n.t("Parameters"), kind: QuickPickItemKind.Separator };
  const picker = window.createQuickPick<FormItem>();
  picker.title = title;
  picker.placeholder = l10n.t("Choose a parameter to change its value, or run");
  picker.items = [run, separator, ...parameters];
  const active = parameters[fields.findIndex(({ name }) => name === last)];
  picker.activeItems = [active ?? run];
  picker.ignoreFocusOut = true;
  try {
    return await new Promise((resolve) => {
      picker.onDidAccept(() => {
        resolve(picker.selectedItems[0]?.choice);
      });
      picker.onDidHide(() => {
        resolve(undefined);
      });
      picker.show();
    });
  } finally {
    picker.dispose();
  }
}

async function askChoice({ name, text, choices }: ParameterField): Promise<string | undefined> {
  const items = choices.map((label) => ({ label, description: label === text ? l10n.t("now") : "" }));
  return (await window.showQuickPick(items, { title: name, ignoreFocusOut: true }))?.label;
}

async function askText(form: ParameterForm, field: ParameterField): Promise<string | undefined> {
  const { name, type, text } = field;
  return await window.showInputBox({
    title: type === undefined ? name : `${name}: ${type}`,
    prompt: l10n.t("Default: {0}", field.default),
    value: text,
    ignoreFocusOut: true,
    validateInput: (value) => {
      const expected = form.problem(name, value);
      return expected && describe(expected);
    },
  });
}

function describe(expected: Expected): string {
  return expected === "number"
    ? l10n.t("It has to be a number, such as 5 or 0.1.")
    : l10n.t('It has to be a list, such as [1, 2] or ["north", "south"].');
}
