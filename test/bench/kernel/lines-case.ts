/** @file Measures a cell that prints 100,000 lines: how long until all are here, and how many are lost or late. */
import type { KernelClient } from "../../../jupyter/client.ts";
import type { Measured } from "../bench-row.ts";
import type { KernelPeer } from "./kernel-peers.ts";
import { lineCount, manyLines } from "./samples.ts";
import { settleWhileGrowing, within } from "../../support/settle.ts";

export interface LinesMeasurement {
  /** Milliseconds until the last line and the idle status. */
  readonly time: Measured;
  readonly received: number;
  /** Lines received before the idle status. */
  readonly ordered: number;
}

export async function measureLines(
  client: KernelClient,
  peer: KernelPeer,
  patience: number,
): Promise<LinesMeasurement> {
  let received = 0;
  let last = performance.now();
  const stop = client.onIopub(({ header, content }) => {
    if (header.msg_type !== "stream") return;
    received += countLines(String(content["text"]));
    last = performance.now();
  });
  try {
    const start = performance.now();
    const { reply } = client.execute(manyLines[peer.language]);
    try {
      await within(reply, patience, "not idle");
    } catch {
      return { time: { failed: `${received} lines in ${patience / 1000} s` }, received, ordered: received };
    }
    const idle = performance.now();
    const ordered = received;
    await settleWhileGrowing(() => received, lineCount, 3000);
    if (received < lineCount)
      return { time: { failed: `${lineCount - received} lines lost` }, received, ordered };
    return { time: Math.max(idle, last) - start, received, ordered };
  } finally {
    stop();
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
