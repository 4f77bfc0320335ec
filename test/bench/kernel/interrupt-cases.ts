/** @file Measures how long a cell that never ends takes to stop when it is interrupted, and whether state is kept. */
import { setTimeout as delay } from "node:timers/promises";
import type { KernelClient } from "../../../jupyter/client.ts";
import type { Measured } from "../bench-row.ts";
import type { KernelPeer } from "./kernel-peers.ts";
import { endless, keep, kept } from "./samples.ts";
import { within } from "../../support/settle.ts";

const patience = 5000;

/** Milliseconds from the interrupt to the interrupted cell's reply and idle status, on a kernel of its own. */
export async function measureInterrupt(peer: KernelPeer, kind: keyof typeof endless): Promise<Measured> {
  const client = await peer.start();
  try {
    await client.execute(keep[peer.language]).reply;
    const { reply } = client.execute(endless[kind][peer.language]);
    await running(client);
    const start = performance.now();
    await client.interrupt();
    await within(reply, patience, `does not stop within ${patience / 1000} s`);
    const time = performance.now() - start;
    return (await stateIsKept(client, peer)) ? time : { failed: "state lost" };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { failed: message.split("; it wrote")[0] ?? message };
  } finally {
    await client.kill();
  }
}

/** Asks for what an earlier cell made, again while the kernel still aborts what it is asked. */
async function stateIsKept(client: KernelClient, peer: KernelPeer): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const execution = client.execute(kept[peer.language]).result();
    const { reply, outputs } = await within(execution, patience, "dead after the interrupt");
    const shown = outputs.map((output) =>
      output.type === "execute_result"
        ? output.data["text/plain"]
        : output.type === "stream"
          ? output.text
          : "",
    );
    if (reply.status !== "aborted") return shown.join("").includes("43");
    await delay(250);
  }
  return false;
}

/** The cell has begun and is deep in what it does. */
async function running(client: KernelClient): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = client.onIopub(({ header, content }) => {
      if (header.msg_type !== "status" || content["execution_state"] !== "busy") return;
      stop();
      resolve();
    });
    setTimeout(resolve, 1000);
  });
  await delay(200);
}
