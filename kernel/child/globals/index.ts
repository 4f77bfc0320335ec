/**
 * @file The globals that cells have beyond Node's own: `display`, `progress`, `widget`, `cell`, and the host object
 * through which the library reaches the notebook. Their types are in kernel/globals.d.ts.
 */
import { createDisplay } from "./display.ts";
import type { GlobalsHost } from "./globals-host.ts";
import { createNotebookHost } from "./notebook-host.ts";
import { createProgress } from "./progress.ts";
import { createWidgets } from "./widget.ts";

/** Where the library looks for the notebook. */
const notebookSymbol = Symbol.for("tenon.notebook");

/** The names defined here; the variable view leaves them out. */
export const globalNames: readonly string[] = ["display", "progress", "widget", "cell"];

/** What the executor calls. */
export interface InstalledGlobals {
  /** Call when a cell has ended, before its `done`. */
  cellEnded(): void;
}

/** Defines the globals. They can be shadowed by cells and reassigned, as any global. */
export function installGlobals(host: GlobalsHost, target: object = globalThis): InstalledGlobals {
  const display = createDisplay(host);
  const { progress, flush } = createProgress(host);
  const cell: Tenon.Cell = {
    get id() {
      return host.cellId();
    },
    get signal() {
      return host.signal();
    },
  };
  define(target, "display", display);
  define(target, "progress", progress);
  define(target, "widget", createWidgets(host));
  define(target, "cell", cell);
  define(target, notebookSymbol, createNotebookHost(host, display, progress));
  return { cellEnded: flush };
}

function define(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false });
}
