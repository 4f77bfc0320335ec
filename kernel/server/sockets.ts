/**
 * @file The kernel's five ZeroMQ sockets.
 *
 * Invariants: sends on one socket happen one after the other, in the order in which they were asked for; a frame that
 * is no valid, signed message is counted and dropped, never fatal.
 */
import { Router, type Socket } from "zeromq";
import { type ConnectionInfo, socketAddress } from "../../jupyter/connection-file.ts";
import type { Channel, Message, MessageHeader } from "../../jupyter/message.ts";
import { IopubSocket } from "./iopub-socket.ts";
import { createHeader, decodeMessage, encodeMessage, MessageSigner } from "../../jupyter/wire.ts";

/** What a message is sent in answer to. */
export interface Parent {
  readonly header: MessageHeader | Record<string, never>;
  readonly identities: readonly Buffer[];
}

/** No parent: for messages that the kernel sends of its own accord. */
export const noParent: Parent = { header: {}, identities: [] };

type Handler = (channel: "shell" | "control" | "stdin", message: Message) => void;

/** Sees what is published in answer to a request, and the frames that it has become. */
type PublishObserver = (
  id: string,
  type: string,
  content: Record<string, unknown>,
  frames: readonly Buffer[],
) => void;

interface WaitingMessage {
  readonly frames: Buffer[];
  readonly before: (() => void) | undefined;
}

/** Sends frames on a socket one message after the other. */
class SendQueue {
  readonly #socket: Router | IopubSocket;
  readonly #waiting: WaitingMessage[] = [];
  #sending: Promise<void> | undefined;

  constructor(socket: Router | IopubSocket) {
    this.#socket = socket;
  }

  /** `before` is called when it is the message's turn. */
  send(frames: Buffer[], before?: () => void): void {
    this.#waiting.push({ frames, before });
    this.#sending ??= this.#drain();
  }

  /** Resolves when everything asked for so far has been handed to ZeroMQ. */
  async flushed(): Promise<void> {
    await this.#sending;
  }

  async #drain(): Promise<void> {
    let message: WaitingMessage | undefined;
    while ((message = this.#waiting.shift()) !== undefined) {
      try {
        message.before?.();
        await this.#socket.send(message.frames);
      } catch (error) {
        // A peer that has gone away takes its reply with it; a closed socket ends the queue.
        if (this.#socket.closed) break;
        log(`a message could not be sent: ${String(error)}`);
      }
    }
    this.#sending = undefined;
  }
}

/** Writes one line to the kernel's log, which is its stderr. */
export function log(line: string): void {
  process.stderr.write(`tenon kernel: ${line}\n`);
}

export class KernelSockets {
  readonly session: string;
  readonly #signer: MessageSigner;
  readonly #shell: Router;
  readonly #control: Router;
  readonly #stdin: Router;
  readonly #iopub: IopubSocket;
  readonly #heartbeat: Router;
  readonly #queues: Record<Channel, SendQueue>;
  #dropped = 0;
  #subscriptions = 0;
  /** Called with each change of {@link subscriptions}. */
  onSubscriptions: (count: number) => void = () => undefined;
  /** Called with what is published. */
  onPublish: PublishObserver = () => undefined;

  constructor(info: ConnectionInfo, session: string) {
    this.session = session;
    this.#signer = new MessageSigner(info.key);
    const curve = curveOptions(info);
    this.#shell = new Router({ linger: 1000, ...curve });
    this.#control = new Router({ linger: 1000, ...curve });
    this.#stdin = new Router({ linger: 1000, ...curve });
    // Without a high-water mark nothing that was published is dropped; the output throttle bounds what can pile up.
    this.#iopub = new IopubSocket({ linger: 1000, sendHighWaterMark: 0, ...curve });
    // Not a reply socket: that one fails for good when a peer sends what is no request.
    this.#heartbeat = new Router({ linger: 0, ...curve });
    this.#queues = {
      shell: new SendQueue(this.#shell),
      control: new SendQueue(this.#control),
      stdin: new SendQueue(this.#stdin),
      iopub: new SendQueue(this.#iopub),
    };
  }

  /** Binds all sockets and starts to hand messages to `onMessage`; `onSubscriber` is called for each that subscribes. */
  async bind(info: ConnectionInfo, onMessage: Handler, onSubscriber: () => void): Promise<void> {
    await Promise.all([
      this.#heartbeat.bind(socketAddress(info, "hb")),
      this.#iopub.bind(socketAddress(info, "iopub")),
      this.#control.bind(socketAddress(info, "control")),
      this.#stdin.bind(socketAddress(info, "stdin")),
      this.#shell.bind(socketAddress(info, "shell")),
    ]);
    void this.#echoHeartbeats();
    void this.#welcomeSubscribers(onSubscriber);
    void this.#receive("control", this.#control, onMessage);
    void this.#receive("stdin", this.#stdin, onMessage);
    void this.#receive("shell", this.#shell, onMessage);
  }

  /** How many subscriptions to IOPub there are. */
  get subscriptions(): number {
    return this.#subscriptions;
  }

  /** Sends a reply or request to one peer. */
  send(
    channel: "shell" | "control" | "stdin",
    parent: Parent,
    type: string,
    content: object,
    buffers: Buffer[] = [],
  ): void {
    this.#queues[channel].send(this.#encode(parent.identities, parent, type, content, {}, buffers));
  }

  /** Publishes on IOPub. */
  publish(
    parent: Parent,
    type: string,
    content: object,
    metadata: Readonly<Record<string, unknown>> = {},
    buffers: readonly Uint8Array[] = [],
  ): void {
    const topic = Buffer.from(`kernel.${this.session}.${type}`);
    const attachments = buffers.map((buffer) =>
      Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength),
    );
    const frames = this.#encode([topic], parent, type, content, metadata, attachments);
    this.#queues.iopub.send(frames);
    const { msg_id: id } = parent.header;
    if (id === undefined) return;
    // SAFETY: as in #encode.
    this.onPublish(id, type, content as Record<string, unknown>, frames);
  }

  /** Waits for everything sent so far, then closes. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue.flushed()));
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub, this.#heartbeat])
      socket.close();
  }

  #encode(
    identities: readonly Buffer[],
    parent: Parent,
    type: string,
    content: object,
    metadata: Readonly<Record<string, unknown>>,
    buffers: readonly Buffer[],
  ): Buffer[] {
    const header = createHeader(type, this.session);
    // SAFETY: the contents of messages are object literals with string keys.
    const record = content as Record<string, unknown>;
    return encodeMessage(
      { identities, header, parentHeader: parent.header, metadata, content: record, buffers },
      this.#signer,
    );
  }

  async #receive(channel: "shell" | "control" | "stdin", socket: Router, onMessage: Handler): Promise<void> {
    for await (const frames of received(socket)) {
      try {
        onMessage(channel, decodeMessage(frames, this.#signer));
      } catch (error) {
        this.#drop(channel, error);
      }
    }
  }

  async #echoHeartbeats(): Promise<void> {
    for await (const frames of received(this.#heartbeat)) {
      try {
        await this.#heartbeat.send(frames);
      } catch (error) {
        if (this.#heartbeat.closed) return;
        log(`a heartbeat could not be answered: ${String(error)}`);
      }
    }
  }

  /** JEP 65: a new subscriber is greeted, so that it knows that it will miss nothing from here on. */
  async #welcomeSubscribers(onSubscriber: () => void): Promise<void> {
    for await (const [frame] of received(this.#iopub)) {
      const topic = frame?.subarray(1) ?? Buffer.alloc(0);
      if (frame?.[0] === 0) {
        this.#iopub.dismiss(topic);
        this.#subscriptions -= 1;
        this.onSubscriptions(this.#subscriptions);
      }
      if (frame?.[0] !== 1) continue;
      const content = { subscription: topic.toString("utf8") };
      const welcome = this.#encode([topic], noParent, "iopub_welcome", content, {}, []);
      // The next subscription is received after this one has been let in.
      await new Promise<void>((resolve) => {
        this.#queues.iopub.send(welcome, () => {
          resolve();
          this.#iopub.admit(topic);
        });
      });
      onSubscriber();
      this.#subscriptions += 1;
      this.onSubscriptions(this.#subscriptions);
    }
  }

  #drop(channel: string, error: unknown): void {
    this.#dropped += 1;
    // A flood of bad messages must not become a flood of log lines.
    if (this.#dropped <= 20 || this.#dropped % 1000 === 0) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      log(`dropped a message on ${channel} (${this.#dropped} so far): ${reason}`);
    }
  }
}

/** The messages of a socket until it is closed. */
async function* received(socket: Socket & AsyncIterable<Buffer[]>): AsyncGenerator<Buffer[]> {
  try {
    yield* socket;
  } catch (error) {
    if (!socket.closed) throw error;
  }
}

function curveOptions(info: ConnectionInfo): { curveServer?: true; curveSecretKey?: string } {
  const key = info.curve_secretkey;
  return key === undefined || key === null || key === "" ? {} : { curveServer: true, curveSecretKey: key };
}
