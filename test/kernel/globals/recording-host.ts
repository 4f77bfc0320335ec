/** @file A host that keeps what the globals emit: the whole interface, with comms that a test plays the frontend of. */
import type { CommEvent, CommHandle, GlobalsHost } from "../../../kernel/child/globals/globals-host.ts";
import type { MimeBundle } from "../../../kernel/child/protocol.ts";

export type Emitted =
  | {
      readonly type: "display" | "update";
      readonly id: string | undefined;
      readonly data: MimeBundle;
      readonly metadata: object;
    }
  | { readonly type: "clear"; readonly wait: boolean };

export interface SentComm {
  readonly type: "open" | "message" | "close";
  readonly data: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
  readonly buffers: readonly Uint8Array[];
}

export class RecordingComm implements CommHandle {
  readonly id: string;
  readonly sent: SentComm[] = [];
  #message: (event: CommEvent) => void = () => undefined;
  #close: (event: CommEvent) => void = () => undefined;

  constructor(id: string) {
    this.id = id;
  }

  send(data: Record<string, unknown>, options: Parameters<CommHandle["send"]>[1] = {}): void {
    this.record("message", data, options);
  }

  close(data: Record<string, unknown> = {}): void {
    this.record("close", data, {});
  }

  onMessage(handler: (event: CommEvent) => void): void {
    this.#message = handler;
  }

  onClose(handler: (event: CommEvent) => void): void {
    this.#close = handler;
  }

  /** Copied as the wire would. */
  record(
    type: SentComm["type"],
    data: Record<string, unknown>,
    options: { readonly metadata?: Record<string, unknown>; readonly buffers?: readonly Uint8Array[] },
  ): void {
    const copy: Record<string, unknown> = JSON.parse(JSON.stringify(data));
    this.sent.push({ type, data: copy, metadata: options.metadata ?? {}, buffers: options.buffers ?? [] });
  }

  /** A message of the frontend's. */
  receive(data: Record<string, unknown>, buffers: readonly Uint8Array[] = []): void {
    this.#message({ data, metadata: {}, buffers });
  }

  receiveClose(): void {
    this.#close({ data: {}, metadata: {}, buffers: [] });
  }
}

export class RecordingHost implements GlobalsHost {
  readonly emitted: Emitted[] = [];
  readonly opened: { readonly target: string; readonly comm: RecordingComm }[] = [];
  readonly targets = new Map<string, (comm: CommHandle, event: CommEvent) => void>();
  readonly waits: Promise<unknown>[] = [];
  controller = new AbortController();

  readonly comms: GlobalsHost["comms"] = {
    open: (target, options = {}) => {
      const comm = new RecordingComm(`comm-${this.opened.length}`);
      comm.record("open", options.data ?? {}, options);
      this.opened.push({ target, comm });
      return comm;
    },
    registerTarget: (target, handler) => void this.targets.set(target, handler),
  };

  readonly backends: string[] = [];

  emitDisplay(data: MimeBundle, options: { readonly id?: string; readonly metadata?: object } = {}): void {
    this.emitted.push({ type: "display", id: options.id, data, metadata: options.metadata ?? {} });
  }

  emitUpdate(id: string, data: MimeBundle, options: { readonly metadata?: object } = {}): void {
    this.emitted.push({ type: "update", id, data, metadata: options.metadata ?? {} });
  }

  emitClear(wait: boolean): void {
    this.emitted.push({ type: "clear", wait });
  }

  reportBackend(name: string): void {
    this.backends.push(name);
  }

  cellId(): string | undefined {
    return "cell-1";
  }

  signal(): AbortSignal {
    return this.controller.signal;
  }

  waitFor(promise: Promise<unknown>): void {
    this.waits.push(promise);
  }

  /** A frontend opens a comm on a registered target. */
  openFromFrontend(target: string): RecordingComm {
    const comm = new RecordingComm("frontend");
    const handler = this.targets.get(target);
    if (handler === undefined) throw new Error(`no target ${target}`);
    handler(comm, { data: {}, metadata: {}, buffers: [] });
    return comm;
  }

  /** The text of each display and update. */
  texts(): string[] {
    return this.emitted.flatMap((output) =>
      output.type === "clear" ? [] : String(output.data["text/plain"]),
    );
  }
}
