/**
 * @file The interface between the library and the notebook that it runs in.
 *
 * A kernel puts an object of this shape on `globalThis[Symbol.for("tenon.notebook")]`; outside a notebook it is
 * absent. The library reaches the notebook through it and through nothing else.
 */

import type { Progress } from "./notebook/progress-types.ts";

/** A MIME bundle: MIME type to value, as Jupyter's `display_data` carries it. */
export type MimeBundle = Record<string, unknown>;

/** An output that can be changed after it was shown. */
export interface DisplayHandle {
  readonly id: string;
  /** Replaces the output, in the cell where it stands. */
  update(value: unknown): void;
  /** Empties the output; it keeps its place. */
  clear(): void;
}

/** What a notebook offers to the library. */
export interface NotebookHost {
  /** Raised on a breaking change; the library ignores hosts of another version. */
  readonly version: 1;
  /** The id of the running cell where the client sent one. */
  readonly cellId: string | undefined;
  /** Aborted when the user interrupts the running cell. */
  readonly signal: AbortSignal;
  /** Shows a bundle below the running cell; with an id it can be updated later. */
  display(
    data: MimeBundle,
    options?: { readonly id?: string; readonly metadata?: Record<string, unknown> },
  ): void;
  /** Replaces what was shown under `id`. */
  update(id: string, data: MimeBundle, options?: { readonly metadata?: Record<string, unknown> }): void;
  /** Clears the running cell's output; with `wait`, when the next output arrives. */
  clear(wait?: boolean): void;
  /** Tells what programs run on from now on: `cpu`, `webgpu`, `cuda`. */
  readonly reportBackend?: (name: string) => void;
  /** Shows a value as the notebook shows a cell's result; kernels that have no such display leave it out. */
  readonly show?: (value: unknown, options?: { readonly id?: string }) => DisplayHandle;
  /** The notebook's own progress bars; where absent, the library prints its bar on stderr. */
  readonly progress?: Progress;
}

/** The host of the notebook that this code runs in, or undefined outside one. */
export function notebookHost(): NotebookHost | undefined {
  const host = (globalThis as { [key: symbol]: unknown })[Symbol.for("tenon.notebook")] as
    NotebookHost | undefined;
  return host?.version === 1 ? host : undefined;
}
