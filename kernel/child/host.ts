/** @file What globals of the notebook (`display`, `progress`, widgets) stand on. */
import { currentRequest } from "./cell-request.ts";
import { errorText } from "./executor.ts";
import type { CommHost, EmitOptions, GlobalsHost } from "./globals/globals-host.ts";
import { sendMessage } from "./output.ts";
import type { MimeBundle } from "./protocol.ts";

/** Shows a bundle below the cell that the running code belongs to. */
export function emitDisplay(data: MimeBundle, options: EmitOptions = {}): void {
  const { id: displayId, metadata = {}, buffers = [] } = options;
  const message = { type: "display", request: currentRequest().id, data, metadata, displayId } as const;
  sendMessage(buffers.length === 0 ? message : { ...message, buffers });
}

/** Replaces every output that was shown under `id`. */
export function emitUpdate(id: string, data: MimeBundle, options: Omit<EmitOptions, "id"> = {}): void {
  const { metadata = {}, buffers = [] } = options;
  const message = {
    type: "update_display",
    request: currentRequest().id,
    data,
    metadata,
    displayId: id,
  } as const;
  sendMessage(buffers.length === 0 ? message : { ...message, buffers });
}

/** Clears the cell's output; with `wait`, when the next output arrives. */
export function emitClear(wait: boolean): void {
  sendMessage({ type: "clear_output", request: currentRequest().id, wait });
}

export function createGlobalsHost(comms: CommHost): GlobalsHost {
  return {
    emitDisplay,
    emitUpdate,
    emitClear,
    reportBackend: (name) => sendMessage({ type: "backend", name }),
    cellId: () => currentRequest().cellId,
    signal: () => currentRequest().signal,
    waitFor: (promise) => {
      const { waits } = currentRequest();
      waits.add(promise);
      const remove = (): void => void waits.delete(promise);
      promise.then(remove, remove);
    },
    describeError: errorText,
    comms,
  };
}
