/** @file Comms: two-way channels between code in the child and frontends, for widgets and the variable view. */
import { randomUUID } from "node:crypto";
import { currentRequest } from "./cell-request.ts";
import type { CommEvent, CommHandle, CommHost } from "./globals/globals-host.ts";
import { sendMessage } from "./output.ts";
import type { CommMessage } from "./protocol.ts";

type Handler = (event: CommEvent) => void;
type TargetHandler = (comm: CommHandle, event: CommEvent) => void;

interface Attachments {
  readonly metadata?: Record<string, unknown>;
  readonly buffers?: readonly Uint8Array[];
}

/** The open comms and the targets that frontends can open. */
export class CommRegistry implements CommHost {
  readonly #open = new Map<string, Comm>();
  readonly #targets = new Map<string, TargetHandler>();

  open(
    targetName: string,
    options: Attachments & { readonly data?: Record<string, unknown> } = {},
  ): CommHandle {
    const comm = this.#add(randomUUID());
    comm.post("comm_open", options.data ?? {}, options, targetName);
    return comm;
  }

  /** Later registrations replace earlier ones: a cell may run again. */
  registerTarget(targetName: string, handler: TargetHandler): void {
    this.#targets.set(targetName, handler);
  }

  /** Handles a message of the frontend's. */
  receive(message: CommMessage): void {
    const { commId, data, metadata, buffers } = message;
    const event: CommEvent = { data, metadata, buffers };
    if (message.type === "comm_open") this.#accept(commId, message.targetName ?? "", event);
    else if (message.type === "comm_msg") this.#open.get(commId)?.messageHandler(event);
    else {
      const comm = this.#open.get(commId);
      this.#open.delete(commId);
      comm?.closeHandler(event);
    }
  }

  #accept(commId: string, targetName: string, event: CommEvent): void {
    const handler = this.#targets.get(targetName);
    const comm = this.#add(commId);
    // The specification's answer to an unknown target.
    if (handler === undefined) comm.close();
    else handler(comm, event);
  }

  #add(id: string): Comm {
    const comm = new Comm(id, () => this.#open.delete(id));
    this.#open.set(id, comm);
    return comm;
  }
}

class Comm implements CommHandle {
  readonly id: string;
  readonly #forget: () => boolean;
  messageHandler: Handler = () => undefined;
  closeHandler: Handler = () => undefined;

  constructor(id: string, forget: () => boolean) {
    this.id = id;
    this.#forget = forget;
  }

  send(data: Record<string, unknown>, options: Attachments = {}): void {
    this.post("comm_msg", data, options);
  }

  /** Does nothing on a closed comm. */
  close(data: Record<string, unknown> = {}): void {
    if (this.#forget()) this.post("comm_close", data, {});
  }

  onMessage(handler: Handler): void {
    this.messageHandler = handler;
  }

  onClose(handler: Handler): void {
    this.closeHandler = handler;
  }

  post(
    type: CommMessage["type"],
    data: Record<string, unknown>,
    options: Attachments,
    targetName?: string,
  ): void {
    const { metadata = {}, buffers = [] } = options;
    const message: CommMessage = {
      type,
      request: currentRequest().id,
      commId: this.id,
      data,
      metadata,
      buffers,
    };
    sendMessage(targetName === undefined ? message : { ...message, targetName });
  }
}
