/** @file The comms of one client: opened by either end, found by their ids, forgotten when they close. */
import { randomUUID } from "node:crypto";
import { Comm } from "./client-comm.ts";
import type { KernelConnection } from "./client-connection.ts";
import { Listeners, type Unsubscribe } from "./listeners.ts";
import { type Message, parentId } from "./message.ts";

/** Called with a comm that the kernel has opened. */
type OpenListener = (comm: Comm, data: unknown, buffers: readonly Buffer[]) => void;

/** So many delivered messages are remembered for what answers them. */
const mostDelivered = 500;

export class ClientComms {
  readonly #live: () => KernelConnection;
  readonly #comms = new Map<string, Comm>();
  /** The comms of the last messages that were delivered. */
  readonly #delivered = new Map<string, string>();
  readonly #opened = new Listeners<Parameters<OpenListener>>();

  /** `live` gives the connection, or throws where there is none. */
  constructor(live: () => KernelConnection) {
    this.#live = live;
  }

  /** Opens a comm to an object that the kernel registered under `target`; `listen` is given it before it is sent. */
  async open(
    target: string,
    data: Readonly<Record<string, unknown>>,
    listen: (comm: Comm) => void,
  ): Promise<Comm> {
    const comm = this.#create(randomUUID(), target);
    listen(comm);
    await this.#live().send("shell", "comm_open", { comm_id: comm.id, target_name: target, data });
    return comm;
  }

  /** This end of a comm that is open already. */
  attach(id: string, target: string): Comm {
    return this.#comms.get(id) ?? this.#create(id, target);
  }

  /** The id of the comm whose message a broadcast answers. */
  answered(message: Message): string | undefined {
    return this.#delivered.get(parentId(message) ?? "");
  }

  onOpen(listener: OpenListener): Unsubscribe {
    return this.#opened.add(listener);
  }

  /** Takes one of the kernel's comm messages. */
  take({ header, content, buffers, ...rest }: Message): void {
    const { comm_id: id, target_name: target, data } = content;
    if (typeof id !== "string") return;
    if (header.msg_type === "comm_open") {
      this.#opened.emit(this.#create(id, typeof target === "string" ? target : ""), data, buffers);
      return;
    }
    this.#comms.get(id)?.receive({ header, content, buffers, ...rest });
    if (header.msg_type === "comm_close") this.#comms.delete(id);
  }

  /** The kernel is gone, and all of them with it. */
  clear(): void {
    this.#comms.clear();
    this.#delivered.clear();
  }

  #create(id: string, target: string): Comm {
    const comm = new Comm(id, target, async (type, content, buffers, isHandled = false) => {
      if (isHandled) await this.#deliver(id, type, content, buffers);
      else await this.#live().send("shell", type, content, { buffers });
      if (type === "comm_close") this.#comms.delete(id);
    });
    this.#comms.set(id, comm);
    return comm;
  }

  async #deliver(
    comm: string,
    type: string,
    content: Record<string, unknown>,
    buffers: readonly Buffer[],
  ): Promise<void> {
    const { id, done } = this.#live().request("shell", type, content, {
      buffers,
      waitForIdle: true,
      hasReply: false,
    });
    this.#delivered.set(id, comm);
    const [oldest] = this.#delivered.keys();
    if (this.#delivered.size > mostDelivered && oldest !== undefined) this.#delivered.delete(oldest);
    await done;
  }
}
