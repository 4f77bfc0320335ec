/**
 * @file Breakpoints: where they are asked for, where they can be, and how V8 is told.
 *
 * They are set by the script's name, so that they hold for each execution of a cell's text. Where one can stop is known
 * exactly only of a script that is loaded; so as long as there are breakpoints, the child pauses before it runs a
 * script. Before the first run, a probe answers where a breakpoint will be. Positions are zero-based here.
 */
import { pathToFileURL } from "node:url";
import type { CellDocument, CellDocuments } from "./cell-documents.ts";
import { buildCondition } from "./breakpoint-condition.ts";
import type { BreakpointOptions } from "./breakpoint-condition.ts";
import { objectGroups } from "./inspector-client.ts";
import type { InspectorClient } from "./inspector-client.ts";
import { isBefore } from "./position-map.ts";
import type { Position, PositionMap } from "./position-map.ts";
import { RequestError } from "./requests.ts";
import type { Script, Scripts } from "./scripts.ts";

export interface RequestedBreakpoint extends BreakpointOptions {
  readonly line: number;
  readonly column: number | undefined;
}

export interface Breakpoint {
  readonly id: number;
  readonly path: string;
  readonly requested: RequestedBreakpoint;
  /** Where it is, in the source; where it was asked for as long as it is nowhere. */
  position: Position;
  verified: boolean;
  message: string | undefined;
  /** V8's names for it: a module that was loaded again has one for each load. */
  handles: string[];
}

/** A place where V8 can stop. */
export interface BreakLocation {
  readonly generated: Position;
  readonly source: Position;
}

/** Where V8 can stop in what a cell's text compiles to. */
interface KnownLocations {
  readonly code: string;
  readonly locations: readonly BreakLocation[];
  /** False for those of a probe, which differ by some columns from those of the script that runs. */
  readonly isExact: boolean;
}

export class Breakpoints {
  readonly #client: InspectorClient;
  readonly #documents: CellDocuments;
  readonly #scripts: Scripts;
  readonly #byPath = new Map<string, Breakpoint[]>();
  readonly #known = new Map<string, KnownLocations>();
  readonly #waitingProbes = new Map<string, (scriptId: string) => void>();
  /** Called where a breakpoint has found its place after it was answered for. */
  onChanged: (breakpoint: Breakpoint) => void = () => undefined;
  #nextId = 1;
  #probeCount = 0;
  /** V8's name for the stop before each script; it is set while there are breakpoints. */
  #instrumentation: string | undefined;

  constructor(client: InspectorClient, documents: CellDocuments, scripts: Scripts) {
    this.#client = client;
    this.#documents = documents;
    this.#scripts = scripts;
  }

  /** All breakpoints by path. */
  entries(): readonly (readonly [string, readonly Breakpoint[]])[] {
    return [...this.#byPath].filter(([, breakpoints]) => breakpoints.length > 0);
  }

  byId(id: number): Breakpoint | undefined {
    return [...this.#byPath.values()].flat().find((breakpoint) => breakpoint.id === id);
  }

  /** The breakpoints that V8 says it has hit. */
  byHandles(handles: readonly string[]): readonly Breakpoint[] {
    const all = [...this.#byPath.values()].flat();
    return all.filter((breakpoint) => breakpoint.handles.some((handle) => handles.includes(handle)));
  }

  /** Replaces all breakpoints of a path. */
  async set(path: string, requested: readonly RequestedBreakpoint[]): Promise<readonly Breakpoint[]> {
    for (const { handles } of this.#byPath.get(path) ?? []) await this.#remove(handles);
    const breakpoints = requested.map((wanted) => this.#create(path, wanted));
    this.#byPath.set(path, breakpoints);
    await this.#bind(path, breakpoints);
    await this.#instrument();
    return breakpoints;
  }

  /** Sets all breakpoints anew in another child. */
  async rebind(): Promise<void> {
    this.#instrumentation = undefined;
    this.#known.clear();
    for (const [path, breakpoints] of this.#byPath) {
      for (const breakpoint of breakpoints) breakpoint.handles = [];
      await this.#bind(path, breakpoints);
    }
    await this.#instrument();
  }

  /** Forgets all; V8's own are gone when its domain is switched off. */
  clear(): void {
    this.#byPath.clear();
    this.#known.clear();
    this.#instrumentation = undefined;
  }

  /** Where one can stop in a source; empty for sources that aren't known. */
  async locations(path: string): Promise<readonly BreakLocation[]> {
    const document = this.#documents.get(path);
    if (document !== undefined) return await this.#probe(document);
    const script = this.#scripts.find(path);
    return script === undefined ? [] : await this.#scriptLocations(script.id, script.positions, 0);
  }

  /** Tells of a new script; true where it was one of the adapter's own. */
  scriptParsed(script: Script): boolean {
    const waiting = this.#waitingProbes.get(script.url);
    if (waiting === undefined) return false;
    this.#waitingProbes.delete(script.url);
    waiting(script.id);
    return true;
  }

  /** What a cell compiles to has changed with the state of the notebook. */
  async recompiled(path: string): Promise<void> {
    const document = this.#documents.get(path);
    const breakpoints = this.#byPath.get(path);
    if (document?.compiled === undefined || breakpoints === undefined || breakpoints.length === 0) return;
    if (this.#known.get(path)?.code === document.compiled.code) return;
    for (const breakpoint of breakpoints) {
      await this.#remove(breakpoint.handles);
      breakpoint.handles = [];
    }
    await this.#bind(path, breakpoints);
    for (const breakpoint of breakpoints) this.onChanged(breakpoint);
  }

  /** The child waits before it runs a script: sets the breakpoints of its source where they really can be. */
  async scriptStarts(scriptId: string): Promise<void> {
    const script = this.#scripts.get(scriptId);
    const breakpoints = script?.path === undefined ? [] : (this.#byPath.get(script.path) ?? []);
    if (script?.path === undefined || breakpoints.length === 0) return;
    const code = script.kind === "cell" ? this.#documents.get(script.path)?.compiled?.code : undefined;
    const known = this.#known.get(script.path);
    if (code !== undefined && known?.isExact === true && known.code === code) return;
    const locations = await this.#scriptLocations(script.id, script.positions, 0);
    if (code !== undefined) this.#known.set(script.path, { code, locations, isExact: true });
    for (const breakpoint of breakpoints) {
      await this.#remove(breakpoint.handles);
      breakpoint.handles = [];
    }
    for (const breakpoint of breakpoints) {
      const { verified, position } = breakpoint;
      await this.#place(breakpoint, locations, { url: script.url });
      if (verified !== breakpoint.verified || position.line !== breakpoint.position.line)
        this.onChanged(breakpoint);
    }
  }

  #create(path: string, requested: RequestedBreakpoint): Breakpoint {
    const position = { line: requested.line, column: requested.column ?? 0 };
    const id = this.#nextId++;
    return { id, path, requested, position, verified: false, message: undefined, handles: [] };
  }

  async #bind(path: string, breakpoints: readonly Breakpoint[]): Promise<void> {
    if (breakpoints.length === 0) return;
    const document = this.#documents.get(path);
    if (document !== undefined) {
      const locations = await this.#probe(document);
      for (const breakpoint of breakpoints) await this.#place(breakpoint, locations, { url: path });
      return;
    }
    if (this.#documents.isCellPath(path)) {
      for (const breakpoint of breakpoints) breakpoint.message = "The cell with this text is not known";
      return;
    }
    const loaded = this.#scripts.find(path);
    if (loaded !== undefined) await this.scriptStarts(loaded.id);
    if (/\.(?:[cm]?ts|tsx|jsx)$/.test(path)) {
      if (loaded !== undefined) return;
      for (const breakpoint of breakpoints) breakpoint.message = "Waits for the file to be imported";
    } else if (loaded === undefined) {
      for (const breakpoint of breakpoints) await this.#placeInFile(breakpoint);
    }
  }

  /** Has V8 stop before each script as long as there are breakpoints. */
  async #instrument(): Promise<void> {
    const isNeeded = [...this.#byPath.values()].some((breakpoints) => breakpoints.length > 0);
    if (isNeeded && this.#instrumentation === undefined) {
      const instrumentation = "beforeScriptExecution";
      const reply = await this.#client.post("Debugger.setInstrumentationBreakpoint", { instrumentation });
      this.#instrumentation = reply.breakpointId;
    } else if (!isNeeded && this.#instrumentation !== undefined) {
      await this.#remove([this.#instrumentation]);
      this.#instrumentation = undefined;
    }
  }

  /** A file that runs as it is written: its lines are known before it is loaded. */
  async #placeInFile(breakpoint: Breakpoint): Promise<void> {
    const escaped = [breakpoint.path, pathToFileURL(breakpoint.path).href].map(escapePattern).join("|");
    const { line, column } = breakpoint.position;
    await this.#tell(breakpoint, { urlRegex: `^(?:${escaped})(?:\\?.*)?$` }, { line, column });
  }

  async #place(
    breakpoint: Breakpoint,
    locations: readonly BreakLocation[],
    where: { readonly url: string },
  ): Promise<void> {
    const { line, column } = breakpoint.requested;
    const location = firstFrom(locations, { line, column: column ?? 0 });
    if (location === undefined) {
      breakpoint.verified = false;
      breakpoint.message = "There is no code at this line or below it";
      return;
    }
    breakpoint.position = location.source;
    await this.#tell(breakpoint, where, location.generated);
  }

  async #tell(breakpoint: Breakpoint, where: object, { line, column }: Position): Promise<void> {
    try {
      const condition = buildCondition(breakpoint.id, breakpoint.requested);
      const reply = await this.#client.post("Debugger.setBreakpointByUrl", {
        ...where,
        lineNumber: line,
        columnNumber: column,
        condition,
      });
      breakpoint.handles.push(reply.breakpointId);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Two lines without code can move to the same place: they are one breakpoint there.
      if (error instanceof RequestError || !message.includes("already exists")) {
        breakpoint.verified = false;
        breakpoint.message = message;
        return;
      }
    }
    breakpoint.verified = true;
    breakpoint.message = undefined;
  }

  async #remove(handles: readonly string[]): Promise<void> {
    for (const breakpointId of handles)
      await this.#client.attempt("Debugger.removeBreakpoint", { breakpointId });
  }

  /** Asks V8 where it could stop in a cell, by compiling it within a function that is never called. */
  async #probe(document: CellDocument): Promise<readonly BreakLocation[]> {
    const code = document.compiled?.code;
    if (code === undefined) return [];
    const known = this.#known.get(document.path);
    if (known?.code === code) return known.locations;
    const url = `tenon-probe:${++this.#probeCount}`;
    const parsed = new Promise<string>((resolve) => this.#waitingProbes.set(url, resolve));
    const opening = "(async () => {";
    const { exceptionDetails } = await this.#client.post("Runtime.evaluate", {
      expression: `${opening}${code}\n})\n//# sourceURL=${url}`,
      objectGroup: objectGroups.running,
      silent: true,
    });
    if (exceptionDetails !== undefined) {
      this.#waitingProbes.delete(url);
      return [];
    }
    const locations = await this.#scriptLocations(await parsed, document.positions, opening.length);
    this.#known.set(document.path, { code, locations, isExact: false });
    return locations;
  }

  /** All places of a script, in the order of the source. `shift` is what precedes the code in its first line. */
  async #scriptLocations(
    scriptId: string,
    positions: PositionMap,
    shift: number,
  ): Promise<readonly BreakLocation[]> {
    const start = { scriptId, lineNumber: 0, columnNumber: 0 };
    const reply = await this.#client.attempt("Debugger.getPossibleBreakpoints", { start });
    const locations: BreakLocation[] = [];
    for (const { lineNumber: line, columnNumber = 0 } of reply?.locations ?? []) {
      const column = line === 0 ? columnNumber - shift : columnNumber;
      if (column < 0) continue;
      const source = positions.toSource({ line, column });
      if (source !== undefined) locations.push({ generated: { line, column }, source });
    }
    return locations.sort((a, b) =>
      isBefore(a.source, b.source) ? -1 : isBefore(b.source, a.source) ? 1 : 0,
    );
  }
}

function firstFrom(locations: readonly BreakLocation[], wanted: Position): BreakLocation | undefined {
  const found = locations.find(({ source }) => !isBefore(source, wanted));
  if (found === undefined || found.source.line === wanted.line) return found;
  // Past the last place of its own line a column has no meaning: the line's first place is closer than the next line.
  return locations.find(({ source }) => source.line === wanted.line) ?? found;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
