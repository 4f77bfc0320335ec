/** @file What 1,000 and another 1,000 cell runs in the window add to the memory of the kernel and the extension host. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Workbench } from "../../extension/support/workbench.ts";
import { processMemory, processTree, treeMemory } from "../../support/process-memory.ts";
import type { RecordValue } from "./cases.ts";

export const memoryCells = 1000;
/** Milliseconds after which garbage is mostly collected. */
const rest = 5000;

/** The cells: none like the other, each with a result. */
export function memoryNotebookCells(): readonly string[] {
  return Array.from({ length: memoryCells }, (_, index) => `${index} + 1`);
}

/** Runs all cells of the notebook, and all again. */
export async function measureRunMemory(
  workbench: Workbench,
  file: string,
  record: RecordValue,
): Promise<void> {
  const notebook = await workbench.openNotebook(file);
  await notebook.cell(0).run();
  const before = await memoryNow(workbench);
  const first = await afterAll();
  const second = await afterAll();
  record("kernelMemory", "tenon", first.kernel - before.kernel);
  record("kernelMemoryAgain", "tenon", second.kernel - first.kernel);
  record("hostMemory", "tenon", first.host - before.host);
  record("hostMemoryAgain", "tenon", second.host - first.host);

  async function afterAll(): Promise<RunMemory> {
    await notebook.startRunAll();
    await delay(500);
    await notebook.waitForIdle();
    return await memoryNow(workbench);
  }
}

interface RunMemory {
  readonly kernel: number;
  readonly host: number;
}

async function memoryNow(workbench: Workbench): Promise<RunMemory> {
  await delay(rest);
  const tree = processTree(workbench.server.pid);
  const host = tree.find((pid) => commandLine(pid).includes("--type=extensionHost"));
  const kernel = tree.find((pid) => commandLine(pid).includes("kernel/main.cjs"));
  if (host === undefined || kernel === undefined) throw new Error("no extension host or no kernel runs");
  return { host: processMemory(host, "Pss"), kernel: treeMemory(kernel).pss };
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
