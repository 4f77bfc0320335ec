/** @file A question that a cell asks. The palette, or any other list, takes its box away: the cell waits on all the same. */
import { l10n, window } from "vscode";

/**
 * Asks until there is an answer; undefined where the cell is to be interrupted, or waits no more.
 * @param isWaiting whether the cell that asks still runs
 */
export async function askQuestion(
  prompt: string,
  password: boolean,
  isWaiting: () => boolean,
): Promise<string | undefined> {
  const question = prompt === "" ? l10n.t("The cell asks for input") : prompt;
  for (;;) {
    const answer = await window.showInputBox({ prompt: question, password, ignoreFocusOut: true });
    if (answer !== undefined || !isWaiting()) return answer;
    const interrupt = l10n.t("Interrupt");
    const choice = await window.showInformationMessage(
      l10n.t("A cell waits for an answer: {0}", question),
      l10n.t("Answer"),
      interrupt,
    );
    if (choice === interrupt || !isWaiting()) return undefined;
  }
}
