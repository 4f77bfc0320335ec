/** @file Activation, and from the click on a cell's run button to its first output in the window; the floor beside it. */
import { median } from "../statistics.ts";
import { waitUntil } from "../../extension/support/wait-until.ts";
import type { Workbench } from "../../extension/support/workbench.ts";
import type { NotebookPage } from "../../extension/support/notebook-page.ts";
import type { RecordValue } from "./cases.ts";
import type { PythonPeer } from "./python-peer.ts";
import { timeToSight } from "./stopwatch.ts";

/** The cells of {@link firstOutputNotebook} that measure the warm case. */
const results = 10;
const lines = 5;
const base = 7_000_000;

/** The cells of a notebook that is run once for each round; the text on top brings up the page of outputs. */
export function firstOutputCells(): readonly string[] {
  return [
    ...Array.from({ length: results + 1 }, (_, index) => `1 + ${base + index}`),
    ...Array.from(
      { length: lines },
      (_, index) =>
        `console.log("line ${base + index + 0.5}"); await new Promise((done) => setTimeout(done, 400));`,
    ),
  ];
}

/** One round on a notebook whose kernel has not been started. */
export async function measureFirstOutput(
  workbench: Workbench,
  file: string,
  python: PythonPeer,
  record: RecordValue,
): Promise<void> {
  const notebook = await workbench.openNotebook(file);
  await notebook.outputs.getByText("Cells").waitFor();
  record("cold", "tenon", await timeCell(workbench, notebook, 0, `${base + 1}`));
  record("cold", "nbclient", await python.time("cold", `1 + ${base}`));
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let index = 1; index <= results; index += 1) {
    ours.push(await timeCell(workbench, notebook, index, `${base + index + 1}`));
    theirs.push(await python.time("warm", `1 + ${base + index}`));
  }
  record("warm", "tenon", median(ours));
  record("warm", "nbclient", median(theirs));
  const ourLines: number[] = [];
  const theirLines: number[] = [];
  for (let index = 0; index < lines; index += 1) {
    const text = `line ${base + index + 0.5}`;
    ourLines.push(await timeCell(workbench, notebook, results + 1 + index, text));
    theirLines.push(await python.time("warm", `import time\nprint("${text}", flush=True)\ntime.sleep(0.4)`));
    await notebook.waitForIdle();
  }
  record("firstLine", "tenon", median(ourLines));
  record("firstLine", "nbclient", median(theirLines));
  await python.time("stop");
}

async function timeCell(
  workbench: Workbench,
  notebook: NotebookPage,
  code: number,
  text: string,
): Promise<number> {
  // The first cell of the notebook is the text.
  const cell = notebook.cell(code + 1);
  await cell.reveal();
  return await timeToSight(
    workbench.page.locator("body"),
    notebook.outputs.locator("body"),
    { selector: ".output", text },
    async () => await cell.startRun(),
  );
}

/** Milliseconds that the extension host says the extension's activation took with a notebook, loading its code included. */
export async function activationTime(workbench: Workbench, file: string): Promise<number> {
  const notebook = await workbench.openNotebook(file);
  await notebook.cell(1).run();
  await workbench.startCommand("Developer: Show Running Extensions");
  const row = workbench.page
    .locator(".runtime-extensions-editor .monaco-list-row")
    .filter({ hasText: "Tenon" });
  const list = workbench.page.locator(".runtime-extensions-editor .monaco-list");
  await list.hover();
  // The slowest come first, and what is out of sight is not there.
  await waitUntil("Tenon in the list", async () => {
    if ((await row.count()) > 0) return true;
    await workbench.page.mouse.wheel(0, 150);
    return false;
  });
  const text = await row.first().innerText();
  const found = /Activation: (\d+)\s?ms/.exec(text);
  if (found === null) throw new Error(`no activation time in: ${text}`);
  return Number(found[1]);
}
