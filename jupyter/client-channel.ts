/**
 * @file One of a client's sockets.
 *
 * Sends leave in the order of the calls, one at a time (the socket refuses a second send while one is under way).
 * No high-water mark: a slow reader uses memory, it never loses messages.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Dealer, Subscriber, curveKeyPair } from "zeromq";
import { type ConnectionInfo, socketAddress } from "./connection-file.ts";
import type { Message } from "./message.ts";
import { type MessageSigner, decodeMessage, encodeMessage } from "./wire.ts";

/** Milliseconds that messages have to leave before their socket closes. */
const closePatience = 200;
/** Milliseconds between attempts to reach a kernel that does not listen yet. */
const reconnectInterval = 5;

interface Handlers {
  readonly onMessage: (message: Message) => void;
  /** A message that cannot be read; it is dropped. */
  readonly onProblem: (error: unknown) => void;
}

type SocketKind = "shell" | "control" | "stdin" | "iopub" | "hb";

/** The options all sockets of a client share: encryption where the connection file has keys, nothing lost, no linger. */
export function socketOptions(info: ConnectionInfo) {
  const common = { linger: 0, reconnectInterval, receiveHighWaterMark: 0 };
  if (info.curve_publickey === undefined || info.curve_publickey === null) return common;
  const pair =
    info.curve_secretkey === undefined || info.curve_secretkey === null
      ? curveKeyPair()
      : { publicKey: info.curve_publickey, secretKey: info.curve_secretkey };
  return {
    ...common,
    curveServerKey: info.curve_publickey,
    curvePublicKey: pair.publicKey,
    curveSecretKey: pair.secretKey,
  };
}

/** A socket that messages are sent on and replies come back on. */
export class RequestChannel {
  readonly #socket: Dealer;
  readonly #signer: MessageSigner;
  readonly #receiving: Promise<void>;
  #sending: Promise<void> = Promise.resolve();

  /** `routingId` is the same for shell and stdin, which is how a kernel finds whom to ask for input. */
  constructor(
    kind: Exclude<SocketKind, "iopub" | "hb">,
    info: ConnectionInfo,
    signer: MessageSigner,
    routingId: string,
    handlers: Handlers,
  ) {
    this.#signer = signer;
    this.#socket = new Dealer({ ...socketOptions(info), sendHighWaterMark: 0, routingId });
    this.#socket.connect(socketAddress(info, kind));
    this.#receiving = receiveAll(this.#socket, signer, handlers);
  }

  /** Sends after everything that was sent before. */
  send(message: Message): Promise<void> {
    const frames = encodeMessage(message, this.#signer);
    const sent = this.#sending.then(() => this.#socket.send(frames));
    this.#sending = sent.catch(() => {});
    return sent;
  }

  async close(): Promise<void> {
    // A send waits for ever where the other end refuses the connection.
    const patience = new AbortController();
    const over = delay(closePatience, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([this.#sending, over]);
    patience.abort();
    this.#socket.close();
    await this.#receiving;
  }
}

/** The socket on which the kernel publishes to everybody. */
export class BroadcastChannel {
  readonly #socket: Subscriber;
  readonly #receiving: Promise<void>;

  constructor(info: ConnectionInfo, signer: MessageSigner, handlers: Handlers) {
    this.#socket = new Subscriber(socketOptions(info));
    this.#socket.connect(socketAddress(info, "iopub"));
    this.#socket.subscribe();
    this.#receiving = receiveAll(this.#socket, signer, handlers);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#receiving;
  }
}

async function receiveAll(
  socket: Dealer | Subscriber,
  signer: MessageSigner,
  handlers: Handlers,
): Promise<void> {
  try {
    for await (const frames of socket) {
      let message: Message;
      try {
        message = decodeMessage(frames, signer);
      } catch (error) {
        handlers.onProblem(error);
        continue;
      }
      handlers.onMessage(message);
    }
  } catch (error) {
    if (!socket.closed) handlers.onProblem(error);
  }
}
