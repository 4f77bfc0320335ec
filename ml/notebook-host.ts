/**
 * @file The interface between the library and the notebook that it runs in.
 *
 * A kernel puts an object of this shape on `globalThis[Symbol.for("tenon.notebook")]`; outside a notebook it is
 * absent. The library reaches the notebook through it and through nothing else.
 */

/** A MIME bundle: MIME type to value, as Jupyter's `display_data` carries it. */
export type MimeBundle = Record<string, unknown>;

/** What a notebook offers to the library. */
export interface NotebookHost {
  /** Raised on a breaking change; the library ignores hosts of another version. */
  readonly version: 1;
  /** The id of the running cell where the client sent one. */
  readonly cellId: string | undefined;
  /** Aborted when the user interrupts the running cell. */
  readonly signal: AbortSignal;
  /** Shows a bundle below the running cell; with an id it can be updated later. */
  display(data: MimeBundle, options?: { readonly id?: string; readonly metadata?: Record<string, unknown> }): void;
  /** Replaces what was shown under `id`. */
  update(id: string, data: MimeBundle, options?: { readonly metadata?: Record<string, unknown> }): void;
  /** Clears the running cell's output; with `wait`, when the next output arrives. */
  clear(wait?: boolean): void;
}

/** The host of the notebook that this code runs in, or undefined outside one. */
export function notebookHost(): NotebookHost | undefined {
  const host = (globalThis as { [key: symbol]: unknown })[Symbol.for("tenon.notebook")] as NotebookHost | undefined;
  return host?.version === 1 ? host : undefined;
}
