/** @file The terms of `cells/`: a notebook as one typed program. Offsets are UTF-16 code units into a cell's source. */

/** A problem that the compiler found in a cell. */
export interface CellDiagnostic {
  readonly start: number;
  readonly end: number;
  /** TypeScript's error number, for example 2322. */
  readonly code: number;
  readonly severity: "error" | "warning" | "suggestion";
  /** The message with its chain, one line each, indented. */
  readonly message: string;
}

/** One completion. `kind` uses the Language Server Protocol's names in lower case: `function`, `property`, … */
export interface CellCompletion {
  readonly text: string;
  readonly kind: string;
  /** The signature or type, where known. */
  readonly detail: string | undefined;
}

export interface CellCompletions {
  /** The range of the source that a completion replaces. */
  readonly start: number;
  readonly end: number;
  readonly items: readonly CellCompletion[];
}

/** What is known of the name at an offset. */
export interface CellInspection {
  readonly start: number;
  readonly end: number;
  /** The declaration as TypeScript would show it, for example `const xs: number[]`. */
  readonly signature: string;
  /** The doc comment's text, in Markdown; tags included. Empty where there is none. */
  readonly documentation: string;
}

/** Whether a cell could be run as it stands. */
export type Completeness =
  | { readonly status: "complete" | "invalid" | "unknown" }
  | { readonly status: "incomplete"; readonly indent: string };
