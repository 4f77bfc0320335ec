/** @file Kills a kernel's processes at random moments; the kernel must answer afterwards, or leave nothing behind. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { KernelClient } from "../../jupyter/client.ts";
import { settle, within } from "../support/settle.ts";
import { processTree } from "../support/process-memory.ts";
import { isRunning, kernelProcesses } from "./kernel-processes.ts";
import type { Random } from "./random.ts";

const patience = 30_000;

const busyCells = [
  "",
  "while (true) {}",
  "for (let i = 0; ; i++) console.log(i);",
  "await new Promise((resolve) => setTimeout(resolve, 60_000));",
  "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  "for (;;) display.html('<b>b</b>');",
  "setInterval(() => console.log('late'), 1); 1",
] as const;

/** Kills the child, once for each of `count` random moments, and asks for a result each time. */
export async function killChild(client: KernelClient, count: number, random: Random): Promise<void> {
  for (let round = 1; round <= count; round++) {
    const code = random.pick(busyCells);
    const label = `round ${round}, ${code === "" ? "idle" : code}`;
    const running = code === "" ? undefined : client.execute(code).reply.catch((error: unknown) => error);
    await delay(random.integer(150));
    const { child } = kernelProcesses(client.pid ?? 0);
    // The one before may not be started anew yet.
    if (child !== undefined) process.kill(child, "SIGKILL");
    if (running !== undefined) await endOf(client, running, label);
    const sum = random.integer(1000);
    assert.equal(await answer(client, sum, label), String(sum + 1), label);
  }
}

/** Waits for the reply; kills again where the kill came before the cell had begun, and it now runs in the next child. */
async function endOf(client: KernelClient, running: Promise<unknown>, label: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await within(running, 3000, label);
      return;
    } catch {
      const { child } = kernelProcesses(client.pid ?? 0);
      if (child !== undefined) process.kill(child, "SIGKILL");
    }
  }
  await within(running, patience, `${label}: the cell's reply never came`);
}

/** The result of a cell; asked again where the kill hit this cell instead of the one before. */
async function answer(client: KernelClient, sum: number, label: string): Promise<unknown> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const { reply, outputs } = await within(
      client.execute(`${sum} + 1`).result(),
      patience,
      `${label}: no answer`,
    );
    if (reply.status === "ok") {
      const result = outputs.find((output) => output.type === "execute_result");
      return result?.data["text/plain"];
    }
    await delay(100);
  }
  return "errors only";
}

/** Kills the parent while a cell runs that has started a process; nothing of the kernel may be left. */
export async function killParent(client: KernelClient, code: string): Promise<void> {
  const { pid } = client;
  assert.ok(pid);
  const running = client.execute(code).reply.catch(() => {});
  await delay(500);
  const tree = processTree(pid);
  assert.ok(tree.length > 1, "the kernel has no child");
  process.kill(pid, "SIGKILL");
  const gone = await settle(() => !tree.some(isRunning), 5000);
  assert.ok(gone, `left behind: ${tree.filter(isRunning).join(", ")}`);
  await running;
}
