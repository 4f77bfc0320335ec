/** @file Measures how fast cells run: one after another, and queued at once. */
import type { KernelClient } from "../../../jupyter/client.ts";
import { median, quantile } from "../statistics.ts";
import type { KernelPeer } from "./kernel-peers.ts";
import { longCell } from "./samples.ts";
import { settle, within } from "../../support/settle.ts";
import { isResult } from "./result-message.ts";

/** Milliseconds that the queued cells may take in all. */
const patience = 30_000;

/** Milliseconds from sending each cell to its reply and idle status. */
async function timeCells(client: KernelClient, codes: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const code of codes) {
    const start = performance.now();
    const reply = await client.execute(code).reply;
    times.push(performance.now() - start);
    if (reply.status !== "ok") throw new Error(`the kernel answers ${reply.status} to: ${code.slice(0, 80)}`);
  }
  return times;
}

/** Small cells, none like the other, after some that warm up. */
export async function measureSmallCells(
  client: KernelClient,
  count: number,
): Promise<{ median: number; p95: number }> {
  const codes = Array.from({ length: count + 20 }, (_, index) => `1+${index}`);
  const times = (await timeCells(client, codes)).slice(20);
  return { median: median(times), p95: quantile(times, 0.95) };
}

/** The same cell of 200 lines, edited and run again and again. */
export async function measureLongCell(
  client: KernelClient,
  peer: KernelPeer,
  count: number,
): Promise<number> {
  const codes = Array.from({ length: count + 2 }, (_, index) => longCell(peer.language, index + 1));
  return median((await timeCells(client, codes)).slice(2));
}

/** Cells queued at once: how many a second, and how many results came before their cell's idle status. */
export async function measureQueue(
  client: KernelClient,
  count: number,
): Promise<{ rate: number; ordered: number }> {
  const results = new Set<string>();
  const idle = new Set<string>();
  let ordered = 0;
  let last = performance.now();
  const stop = client.onIopub(({ header, parentHeader, content }) => {
    const { msg_id: parent } = parentHeader;
    if (parent === undefined) return;
    if (isResult(header.msg_type)) {
      results.add(parent);
      if (!idle.has(parent)) ordered += 1;
      last = performance.now();
    } else if (header.msg_type === "status" && content["execution_state"] === "idle") {
      idle.add(parent);
      last = performance.now();
    }
  });
  const start = performance.now();
  const executions = Array.from({ length: count }, (_, index) => client.execute(`1+${index}`));
  try {
    await within(Promise.all(executions.map(({ reply }) => reply)), patience, "not idle");
    await settle(() => results.size === count, 3000);
  } catch (cause) {
    throw new Error(`${idle.size} of ${count} cells done in ${patience / 1000} s`, { cause });
  } finally {
    stop();
  }
  return { rate: (count / (last - start)) * 1000, ordered };
}
