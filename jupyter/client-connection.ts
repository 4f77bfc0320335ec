/**
 * @file The sockets to one kernel process, and which request each incoming message belongs to.
 *
 * A request is over when its reply is here; an execution only when its idle status is here too. Whatever still waits
 * when the connection fails or closes is rejected; nothing waits for ever.
 */
import { BroadcastChannel, RequestChannel } from "./client-channel.ts";
import { RequestTimeoutError } from "./client-errors.ts";
import type { ConnectionInfo } from "./connection-file.ts";
import { type Channel, type Message, type MessageHeader, parentId } from "./message.ts";
import { MessageSigner, createHeader } from "./wire.ts";

/** What the owner of a connection is told. */
export interface ConnectionEvents {
  readonly onIopub: (message: Message) => void;
  readonly onStdin: (message: Message) => void;
  /** A message that could not be read and was dropped. */
  readonly onProblem: (error: unknown) => void;
}

export interface SendOptions {
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly buffers?: readonly Buffer[] | undefined;
  readonly parent?: MessageHeader | undefined;
  readonly subshellId?: string | undefined;
}

export interface RequestOptions extends SendOptions {
  /** Milliseconds to wait for the reply; without it, as long as the kernel lives. */
  readonly timeout?: number | undefined;
}

interface Pending {
  readonly resolve: (reply: Message) => void;
  readonly reject: (error: Error) => void;
  reply: Message | undefined;
  /** Whether the request's idle status is awaited, and has not come yet. */
  waitsForIdle: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** The channels on which a client may send. */
export type SendChannel = Exclude<Channel, "iopub">;

/** The five-socket connection without its heartbeat. */
export class KernelConnection {
  readonly #session: string;
  readonly #channels: Readonly<Record<SendChannel, RequestChannel>>;
  readonly #iopub: BroadcastChannel;
  readonly #events: ConnectionEvents;
  readonly #pending = new Map<string, Pending>();
  #failure: Error | undefined;

  constructor(info: ConnectionInfo, session: string, events: ConnectionEvents) {
    this.#session = session;
    this.#events = events;
    const signer = new MessageSigner(info.key);
    const { onProblem } = events;
    const onReply = { onMessage: (message: Message) => this.#takeReply(message), onProblem };
    const onStdin = { onMessage: events.onStdin, onProblem };
    this.#iopub = new BroadcastChannel(info, signer, {
      onMessage: (message) => this.#takeBroadcast(message),
      onProblem,
    });
    this.#channels = {
      shell: new RequestChannel("shell", info, signer, session, onReply),
      control: new RequestChannel("control", info, signer, session, onReply),
      stdin: new RequestChannel("stdin", info, signer, session, onStdin),
    };
  }

  /** Sends a message that has no reply; resolves with its header once it is on its way. */
  async send(
    channel: SendChannel,
    type: string,
    content: Readonly<Record<string, unknown>>,
    options: SendOptions = {},
  ): Promise<MessageHeader> {
    const message = this.#createMessage(type, content, options);
    await this.#channels[channel].send(message);
    return message.header;
  }

  /**
   * Sends a request; `done` resolves with its reply, where `waitForIdle` after its idle status. A message that has no
   * reply (`hasReply: false`) stands for it itself: only the idle status is awaited.
   */
  request(
    channel: SendChannel,
    type: string,
    content: Readonly<Record<string, unknown>>,
    options: RequestOptions & { readonly waitForIdle?: boolean; readonly hasReply?: boolean } = {},
  ): { readonly id: string; readonly done: Promise<Message> } {
    const message = this.#createMessage(type, content, options);
    const id = message.header.msg_id;
    const done = new Promise<Message>((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const pending: Pending = {
        resolve,
        reject,
        reply: options.hasReply === false ? message : undefined,
        waitsForIdle: options.waitForIdle === true,
        timer: undefined,
      };
      if (options.timeout !== undefined) {
        const { timeout } = options;
        pending.timer = setTimeout(() => {
          this.#pending.delete(id);
          reject(new RequestTimeoutError(`no reply to ${type} within ${timeout} ms`));
        }, timeout);
      }
      this.#pending.set(id, pending);
      this.#channels[channel].send(message).catch((cause: unknown) => {
        this.#settle(id, (waiting) => waiting.reject(new Error(`${type} could not be sent`, { cause })));
      });
    });
    return { id, done };
  }

  /** Rejects what waits and all later requests. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const id of this.#pending.keys()) this.#settle(id, (pending) => pending.reject(error));
  }

  /** Rejects what waits with `reason`, sends what was still to be sent, and closes the sockets. */
  async close(reason: Error): Promise<void> {
    this.fail(reason);
    await Promise.all([
      this.#iopub.close(),
      ...Object.values(this.#channels).map((channel) => channel.close()),
    ]);
  }

  #createMessage(type: string, content: Readonly<Record<string, unknown>>, options: SendOptions): Message {
    const header = createHeader(type, this.#session);
    return {
      identities: [],
      header: options.subshellId === undefined ? header : { ...header, subshell_id: options.subshellId },
      parentHeader: options.parent ?? {},
      metadata: options.metadata ?? {},
      content,
      buffers: options.buffers ?? [],
    };
  }

  #takeReply(message: Message): void {
    const id = parentId(message);
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || pending === undefined) return;
    pending.reply = message;
    if (!pending.waitsForIdle) this.#settle(id, () => pending.resolve(message));
  }

  #takeBroadcast(message: Message): void {
    this.#events.onIopub(message);
    if (message.header.msg_type !== "status" || message.content["execution_state"] !== "idle") return;
    const id = parentId(message);
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || pending === undefined) return;
    pending.waitsForIdle = false;
    const { reply } = pending;
    if (reply !== undefined) this.#settle(id, () => pending.resolve(reply));
  }

  #settle(id: string, how: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    how(pending);
  }
}
