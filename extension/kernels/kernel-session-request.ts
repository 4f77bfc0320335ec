/** @file Asks a kernel what an editor that comes to it has to know. */
import * as v from "valibot";
import type { KernelClient } from "../../jupyter/client.ts";
import {
  type SessionReply,
  type SessionRequest,
  sessionProtocolVersion,
  sessionReplySchema,
  sessionTarget,
} from "../../kernel/protocol.ts";

/** What the kernel says of a session that is there. */
export type KernelSessionState = Extract<SessionReply, { readonly type: "session" }>;

/** Milliseconds that a kernel has to answer. */
const patience = 10_000;

/**
 * Asks, and hands the answer on while it is the newest of all that the kernel has sent: whoever follows an execution
 * from then on misses nothing of it. @throws where the kernel does not answer, or speaks another version
 */
export async function askSession(
  client: KernelClient,
  request: Omit<SessionRequest, "version">,
  onState: (state: KernelSessionState) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the kernel does not tell what it runs")), patience);
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const take = (data: unknown): void => {
      clearTimeout(timer);
      try {
        onState(sessionOf(data));
        resolve();
      } catch (error) {
        fail(error);
      }
    };
    const data = { ...request, version: sessionProtocolVersion };
    client.openComm(sessionTarget, data, (comm) => comm.onMessage(take)).catch(fail);
  });
}

function sessionOf(data: unknown): KernelSessionState {
  const reply = v.safeParse(sessionReplySchema, data);
  if (!reply.success) throw new Error(`the kernel's answer cannot be read: ${reply.issues[0].message}`);
  if (reply.output.type === "error") throw new Error(reply.output.message);
  return reply.output;
}
