/**
 * @file The first thing that a starting kernel does with Jupyter: bind its ports.
 *
 * A frontend that finds a port closed waits before it tries again, 100 ms with ZeroMQ's default. So the ports open
 * before what answers has been loaded; messages wait in between.
 *
 * A frontend whose IOPub connection comes up after its shell connection would miss the first broadcasts, and many (such
 * as jupyter console) then wait for an idle status for ever. So what comes in on shell first waits for a subscriber.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ConnectionInfo, parseConnectionInfo } from "../../jupyter/connection-file.ts";
import type { Message } from "../../jupyter/message.ts";
import { KernelSockets } from "./sockets.ts";

/** Milliseconds that the first shell messages wait for a subscriber; a client may do without one. */
const subscriberPatience = 1000;

type Handler = (channel: "shell" | "control" | "stdin", message: Message) => void;

/** Bound sockets whose messages wait for {@link OpenSockets.deliver}. */
export interface OpenSockets {
  readonly connection: ConnectionInfo;
  readonly sockets: KernelSockets;
  /** Hands over what has come in so far, and from then on each message as it comes. */
  deliver(handler: Handler): void;
}

/** Binds the ports of a connection file. @throws {ConnectionFileError} */
export async function openSockets(connectionFile: string): Promise<OpenSockets> {
  const connection = parseConnectionInfo(readFileSync(connectionFile, "utf8"));
  const sockets = new KernelSockets(connection, randomUUID());
  let subscribed = false;
  let handler: Handler | undefined;
  let waiting: Parameters<Handler>[] = [];
  let patience: NodeJS.Timeout | undefined;
  const release = (): void => {
    const held = waiting;
    waiting = [];
    for (const message of held) receive(...message);
  };
  const receive: Handler = (channel, message) => {
    const early = channel === "shell" && !subscribed;
    if (handler !== undefined && !early) return handler(channel, message);
    waiting.push([channel, message]);
    if (early) patience ??= setTimeout(onSubscriber, subscriberPatience);
  };
  const onSubscriber = (): void => {
    if (subscribed) return;
    subscribed = true;
    clearTimeout(patience);
    release();
  };
  await sockets.bind(connection, receive, onSubscriber);
  const deliver = (to: Handler): void => {
    handler = to;
    release();
  };
  return { connection, sockets, deliver };
}
