/** @file The scripts that stack frames are mapped through: cells, and local modules that were compiled. */
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

/** A script as its author knows it. */
export interface Script {
  /** How messages call it, for example `Cell [12]` or `./features.ts`. */
  readonly label: string;
  readonly source: string;
  /** Gives the source map as JSON text; undefined where the script is its own source. */
  readonly map: (() => string) | undefined;
}

/** A place in a script's source, from 1. */
export interface SourcePosition {
  readonly script: Script;
  readonly line: number;
  readonly column: number;
}

interface Registered extends Script {
  traced?: TraceMap;
}

/** The maps of the newest cells are kept: a session may run cells without end. */
const mostScripts = 1000;
const scripts = new Map<string, Registered>();

/** Makes a script known under the name that V8 gives it in stack frames. */
export function registerScript(fileName: string, script: Script): void {
  scripts.delete(fileName);
  scripts.set(fileName, { ...script });
  if (scripts.size <= mostScripts) return;
  for (const oldest of scripts.keys()) {
    scripts.delete(oldest);
    break;
  }
}

export function isScript(fileName: string): boolean {
  return scripts.has(fileName);
}

/** The source position of a place in the compiled script; `line` and `column` from 1. */
export function sourcePosition(fileName: string, line: number, column: number): SourcePosition | undefined {
  const script = scripts.get(fileName);
  if (script === undefined) return undefined;
  if (script.map === undefined) return { script, line, column };
  script.traced ??= new TraceMap(script.map());
  const original = originalPositionFor(script.traced, { line, column: column - 1 });
  if (original.line === null) return undefined;
  return { script, line: original.line, column: original.column + 1 };
}
