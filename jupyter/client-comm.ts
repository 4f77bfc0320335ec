/** @file A comm: a two-way channel between a client and an object in the kernel. */
import type { Message } from "./message.ts";
import { Listeners, type Unsubscribe } from "./listeners.ts";

/** Sends a comm message of the given type on shell; `isHandled` waits until the kernel has handled it. */
export type CommSender = (
  type: "comm_open" | "comm_msg" | "comm_close",
  content: Record<string, unknown>,
  buffers: readonly Buffer[],
  isHandled?: boolean,
) => Promise<void>;

/** One end of a comm; made by the client. */
export class Comm {
  readonly id: string;
  readonly target: string;
  readonly #send: CommSender;
  readonly #messages = new Listeners<readonly [data: unknown, buffers: readonly Buffer[]]>();
  readonly #closes = new Listeners<readonly [data: unknown]>();

  constructor(id: string, target: string, send: CommSender) {
    this.id = id;
    this.target = target;
    this.#send = send;
  }

  send(data: Record<string, unknown>, buffers: readonly Buffer[] = []): Promise<void> {
    return this.#send("comm_msg", { comm_id: this.id, data }, buffers);
  }

  /** Sends, and resolves when the kernel has handled the message: what it sent meanwhile has come before. */
  deliver(data: Record<string, unknown>, buffers: readonly Buffer[] = []): Promise<void> {
    return this.#send("comm_msg", { comm_id: this.id, data }, buffers, true);
  }

  close(data: Record<string, unknown> = {}): Promise<void> {
    return this.#send("comm_close", { comm_id: this.id, data }, []);
  }

  /** Called with each message of the kernel's end. */
  onMessage(listener: (data: unknown, buffers: readonly Buffer[]) => void): Unsubscribe {
    return this.#messages.add(listener);
  }

  /** Called when the kernel's end closes. */
  onClose(listener: (data: unknown) => void): Unsubscribe {
    return this.#closes.add(listener);
  }

  /** Called by the client with the kernel's messages for this comm. */
  receive(message: Message): void {
    const data = message.content["data"];
    if (message.header.msg_type === "comm_close") this.#closes.emit(data);
    else this.#messages.emit(data, message.buffers);
  }
}
