/** @file The endurance checks, each in a short form for `npm test` and a long one for `npm run soak`. */
import assert from "node:assert/strict";
import { median } from "../bench/statistics.ts";
import { runCell, startKernel } from "../kernel/kernel-fixture.ts";
import { within } from "../support/settle.ts";
import { type Sample, soak } from "./cells.ts";
import { fuzz } from "./fuzz.ts";
import { type Holdings, kernelProcesses } from "./kernel-processes.ts";
import { killChild, killParent } from "./kill.ts";
import { Random } from "./random.ts";

/** Malformed and wrongly signed messages: the kernel answers afterwards, from the same processes. */
export async function checkFuzz(messages: number, seed: number): Promise<void> {
  const kernel = await startKernel();
  const { client } = kernel;
  try {
    const before = kernelProcesses(client.pid ?? 0);
    assert.equal((await runCell(client, "let kept = 41; kept")).result, "41");
    await fuzz(client, messages, new Random(seed));
    // What was rightly signed is worked off first; it may abort or interrupt this cell.
    const status = async (): Promise<string> =>
      (await within(client.execute("1;").reply, 120_000, "no answer after the messages")).status;
    let last = await status();
    for (let attempt = 0; last !== "ok" && attempt < 20; attempt++) last = await status();
    assert.equal(last, "ok");
    assert.equal((await runCell(client, "kept + 1")).result, "42", "the state is lost");
    assert.equal((await client.kernelInfo({ timeout: 5000 }))["status"], "ok");
    assert.ok((await client.beat(5000)) >= 0);
    assert.equal(kernelProcesses(client.pid ?? 0).child, before.child, "the child was restarted");
  } finally {
    await kernel.stop();
  }
}

/**
 * Cells by the thousand; returns what the processes held at `samples` moments. With a small young generation, which
 * Node 24 lets grow for 15,000 cells before it is as large as it may be: that is no leak, and would hide one.
 */
export async function checkSoak(cells: number, samples: number): Promise<Sample[]> {
  const kernel = await startKernel({ env: { NODE_OPTIONS: "--max-semi-space-size=8" } });
  const { client } = kernel;
  try {
    const taken = await soak(client, cells, Math.floor(cells / samples));
    assert.equal((await runCell(client, "6 * 7")).result, "42");
    return taken;
  } finally {
    await kernel.stop();
  }
}

/**
 * Throws where handles, threads or memory grew: the last quarter of the samples is compared with the second, so that
 * what is filled once (compiled code, caches, heaps of the usual size) is not taken for growth.
 */
export function assertNoGrowth(samples: readonly Sample[], mebibytesPerThousandCells: number): void {
  const quarter = Math.floor(samples.length / 4);
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  const cells = (late.at(-1)?.cells ?? 0) - (early.at(-1)?.cells ?? 0);
  const roles = ["parent", "child", "checker"] as const;
  for (const role of roles) {
    const grown = (what: keyof Holdings): number => medianOf(late, role, what) - medianOf(early, role, what);
    assert.ok(grown("handles") <= 1, `${role}: ${grown("handles")} more open files`);
    assert.ok(grown("threads") <= 1, `${role}: ${grown("threads")} more threads`);
    const allowed = (mebibytesPerThousandCells * cells) / 1000;
    const memory = grown("memory");
    assert.ok(
      memory <= allowed,
      `${role}: ${memory.toFixed(1)} MiB more after ${cells} cells, ${allowed} allowed`,
    );
  }
}

function medianOf(
  samples: readonly Sample[],
  role: "parent" | "child" | "checker",
  what: keyof Holdings,
): number {
  return median(samples.map((sample) => sample[role]?.[what] ?? 0));
}

/** Kills of the child at random moments. */
export async function checkKillChild(kills: number, seed: number): Promise<void> {
  const kernel = await startKernel();
  const { client } = kernel;
  try {
    await killChild(client, kills, new Random(seed));
  } finally {
    await kernel.stop();
  }
}

/** Kills of the parent: a busy child, a waiting one, and one that has started a process of its own. */
export async function checkKillParent(): Promise<void> {
  const cells = [
    "while (true) {}",
    "await new Promise(() => {});",
    'import { spawn } from "node:child_process"; spawn("sleep", ["600"]); await new Promise(() => {});',
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  ];
  for (const code of cells) {
    const kernel = await startKernel();
    try {
      await killParent(kernel.client, code);
    } finally {
      await kernel.stop();
    }
  }
}
