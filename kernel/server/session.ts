/** @file The answer to an editor that comes, or comes back, to a kernel. */
import * as v from "valibot";
import { type SessionReply, sessionProtocolVersion, sessionRequestSchema } from "../session-protocol.ts";
import type { ChildHost } from "./child-host.ts";
import type { ExecutionLog } from "./execution-log.ts";
import type { Linger } from "./linger.ts";

interface Services {
  readonly child: ChildHost;
  readonly executions: ExecutionLog;
  readonly linger: Linger;
}

/** Does what a request asks for, and says what an editor has to know. */
export function sessionAnswer(
  request: unknown,
  client: readonly Buffer[],
  { child, executions, linger }: Services,
): SessionReply {
  const parsed = v.safeParse(sessionRequestSchema, request);
  if (!parsed.success) return { type: "error", message: parsed.issues[0].message };
  const { version, linger: seconds, takeOver } = parsed.output;
  if (version !== sessionProtocolVersion) {
    return {
      type: "error",
      message: `the kernel's session protocol is version ${sessionProtocolVersion}, the editor's ${version}: update the older of the two`,
    };
  }
  if (seconds !== undefined) linger.set(seconds ?? undefined);
  if (!takeOver)
    return {
      type: "session",
      version: sessionProtocolVersion,
      executions: [],
      past: [],
      comms: [],
      input: null,
    };
  return {
    type: "session",
    version: sessionProtocolVersion,
    ...executions.resume(client),
    input: child.pendingInput ?? null,
  };
}
