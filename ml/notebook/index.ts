/** @file `tenon/notebook`: what a program shows, in a notebook or in a terminal. */
export { display } from "./display.ts";
export { progress, terminalProgress } from "./progress.ts";
export type { Progress, ProgressHandle, ProgressOptions } from "./progress-types.ts";
export { TerminalBars } from "./terminal-bar.ts";
export type { BarOutput } from "./terminal-bar.ts";
export { notebookHost } from "../notebook-host.ts";
export type { DisplayHandle, MimeBundle, NotebookHost } from "../notebook-host.ts";
