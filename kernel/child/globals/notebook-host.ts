/** @file The object through which the library reaches the notebook; its type on that side is in ml/notebook-host.ts. */
import type { MimeBundle } from "../protocol.ts";
import type { GlobalsHost } from "./globals-host.ts";

type Metadata = Record<string, unknown>;

/** Makes the host object; that it fits the library's interface is held by a type-level test. */
export function createNotebookHost<D, P>(host: GlobalsHost, display: D, progress: P) {
  return {
    version: 1 as const,
    get cellId(): string | undefined {
      return host.cellId();
    },
    get signal(): AbortSignal {
      return host.signal();
    },
    display: (data: MimeBundle, options: { readonly id?: string; readonly metadata?: Metadata } = {}): void =>
      host.emitDisplay(data, options),
    update: (id: string, data: MimeBundle, options: { readonly metadata?: Metadata } = {}): void =>
      host.emitUpdate(id, data, options),
    clear: (wait = false): void => host.emitClear(wait),
    reportBackend: (name: string): void => host.reportBackend(name),
    show: display,
    progress,
  };
}
