/**
 * @file Connections that a worker was handed and hasn't taken when it ends. Node's cluster forgets them open: their client would
 * wait for ever, and with gRPC all its calls. Closed, the client connects again, to a worker that lives.
 *
 * Node hands a connection over in a message with `act: "newconn"` and a number, and the worker answers with `ack` and that number.
 */
import type { Worker } from "node:cluster";
import * as v from "valibot";

const handedSchema = v.object({ act: v.literal("newconn"), seq: v.number() });
const takenSchema = v.object({ ack: v.number() });
const handleSchema = v.custom<{ close(): void }>(
  (value) => typeof Object(value).close === "function",
  "no connection",
);

/** Closes what a worker hasn't taken, when it ends. */
export function closeUnanswered({ process: child }: Worker): void {
  const waiting = new Map<number, { close(): void }>();
  const send = child.send.bind(child);
  // What else is sent goes its way as it is.
  child.send = (...given: readonly unknown[]): boolean => {
    const [message, handle] = given;
    if (v.is(handedSchema, message) && v.is(handleSchema, handle)) waiting.set(message.seq, handle);
    // SAFETY: these are the arguments of a call of `send`.
    return send(...(given as Parameters<typeof send>));
  };
  child.on("internalMessage", (message: unknown) => {
    if (v.is(takenSchema, message)) waiting.delete(message.ack);
  });
  child.once("exit", () => {
    for (const handle of waiting.values()) handle.close();
    waiting.clear();
  });
}
