/** @file `npm run bench -- editor`: the extension in VS Code's window, with nbclient and pandas as the floor beneath it. */
import { notebookFile, code, markdown } from "../../extension/support/notebook-file.ts";
import { Workbench } from "../../extension/support/workbench.ts";
import type { CaseMeasurements, Measured } from "../bench-row.ts";
import { type CaseName, cases } from "./cases.ts";
import { activationTime, firstOutputCells, measureFirstOutput } from "./first-output.ts";
import { flightsCell, measureFlightsKernel, measureViewer, openFlights } from "./flights.ts";
import { PythonPeer } from "./python-peer.ts";
import { measureRunMemory, memoryNotebookCells } from "./run-memory.ts";

export interface EditorBenchOptions {
  readonly rounds: number;
  /** Leaves out what needs minutes: the memory of 2,000 cell runs. */
  readonly quick: boolean;
  readonly onProgress: (text: string) => void;
}

/** Runs all cases. Ours and theirs take turns, so that what else the machine does hits both. */
export async function benchEditor({
  rounds,
  quick,
  onProgress,
}: EditorBenchOptions): Promise<readonly CaseMeasurements[]> {
  const measured = new Map<CaseName, Map<string, Measured[]>>();
  const record = (name: CaseName, peer: string, value: number): void => {
    const byPeer = measured.get(name) ?? new Map<string, Measured[]>();
    measured.set(name, byPeer);
    byPeer.set(peer, [...(byPeer.get(peer) ?? []), value]);
    onProgress(`  ${cases[name].name}, ${peer}: ${value.toFixed(1)} ${cases[name].unit}`);
  };
  onProgress("preparing Python");
  const python = await PythonPeer.start();
  try {
    for (let round = 1; round <= rounds; round += 1) {
      onProgress(`round ${round} of ${rounds}: first output, data viewer`);
      await inWindow(async (workbench) => {
        await measureFirstOutput(workbench, "first.ipynb", python, record);
        await measureViewer(workbench, await openFlights(workbench, "flights.ipynb"), record);
      });
    }
    for (let round = 1; round <= rounds; round += 1)
      await inWindow(async (workbench) =>
        record("activation", "tenon", await activationTime(workbench, "first.ipynb")),
      );
    onProgress("3,000,000 rows: kernel and pandas");
    await measureFlightsKernel(python, rounds, record);
    if (!quick) {
      onProgress("memory of 2,000 cell runs");
      await inWindow(async (workbench) => await measureRunMemory(workbench, "memory.ipynb", record));
    }
  } finally {
    python.stop();
  }
  return [...measured].map(([name, byPeer]) => ({ case: cases[name], byPeer }));
}

/** A window of its own, closed afterwards and on Ctrl-C. */
async function inWindow(measure: (workbench: Workbench) => Promise<void>): Promise<void> {
  const workbench = await Workbench.open({
    files: {
      "first.ipynb": notebookFile(markdown("Cells"), ...firstOutputCells().map((cell) => code(cell))),
      "flights.ipynb": notebookFile(flightsCell),
      "memory.ipynb": notebookFile(...memoryNotebookCells()),
    },
  });
  try {
    await measure(workbench);
  } finally {
    await workbench.close();
  }
}
