/**
 * @file The first thing that a starting kernel does with Jupyter: bind its ports.
 *
 * A frontend that finds a port closed waits before it tries again, 100 ms with ZeroMQ's default. So the ports open
 * before what answers has been loaded; messages wait in between.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ConnectionInfo, parseConnectionInfo } from "../../jupyter/connection-file.ts";
import type { Message } from "../../jupyter/message.ts";
import { KernelSockets } from "./sockets.ts";

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
  const waiting: Parameters<Handler>[] = [];
  let receive: Handler = (...message) => waiting.push(message);
  await sockets.bind(connection, (channel, message) => receive(channel, message));
  const deliver = (handler: Handler): void => {
    for (const message of waiting.splice(0)) handler(...message);
    receive = handler;
  };
  return { connection, sockets, deliver };
}
