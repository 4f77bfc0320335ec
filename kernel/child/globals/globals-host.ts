/** @file What the globals need from the executor; passed in, so that they know nothing of channels and requests. */
import type { MimeBundle } from "../protocol.ts";

/** Options of one output. */
export interface EmitOptions {
  readonly id?: string;
  readonly metadata?: Record<string, unknown>;
  readonly buffers?: readonly Uint8Array[];
}

/** A comm message as a handler sees it. */
export interface CommEvent {
  readonly data: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
  readonly buffers: readonly Uint8Array[];
}

/** One end of a comm. */
export interface CommHandle {
  readonly id: string;
  send(
    data: Record<string, unknown>,
    options?: { readonly metadata?: Record<string, unknown>; readonly buffers?: readonly Uint8Array[] },
  ): void;
  close(data?: Record<string, unknown>): void;
  onMessage(handler: (event: CommEvent) => void): void;
  onClose(handler: (event: CommEvent) => void): void;
}

/** Opens comms and takes those that frontends open. */
export interface CommHost {
  open(
    targetName: string,
    options?: {
      readonly data?: Record<string, unknown>;
      readonly metadata?: Record<string, unknown>;
      readonly buffers?: readonly Uint8Array[];
    },
  ): CommHandle;
  registerTarget(targetName: string, handler: (comm: CommHandle, event: CommEvent) => void): void;
}

/** What the executor offers to the globals. Outputs go to the cell whose code (or timer, or promise) asks for them. */
export interface GlobalsHost {
  emitDisplay(data: MimeBundle, options?: EmitOptions): void;
  emitUpdate(id: string, data: MimeBundle, options?: Omit<EmitOptions, "id">): void;
  emitClear(wait: boolean): void;
  /** Tells what the library computes on. */
  reportBackend(name: string): void;
  /** The running cell's id, where the client sent one. */
  cellId(): string | undefined;
  /** Aborted when the running cell is interrupted. */
  signal(): AbortSignal;
  /** The running cell doesn't end before the promise has settled. */
  waitFor(promise: Promise<unknown>): void;
  /** An error's text with frames mapped to cells. */
  readonly describeError?: (error: Error) => string;
  readonly comms: CommHost;
}
