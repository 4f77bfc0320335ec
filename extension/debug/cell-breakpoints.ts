/**
 * @file The editor's breakpoints in the kernel: kept in place over edits, and over kernels.
 *
 * The kernel knows breakpoints by a cell's text, the editor by the cell. So cells of one text share the kernel's list,
 * and an edited cell's breakpoints move to another path. The editor's ids stay the same through all of it.
 */
import * as v from "valibot";
import type { CellSources, NotebookCells } from "./cell-sources.ts";
import { type Ask, type Breakpoint, type RequestedBreakpoint, breakpointsBodySchema } from "./dap-message.ts";

interface SourceBreakpoints {
  /** The kernel's path; undefined where the kernel has none for the source. */
  path: string | undefined;
  requested: readonly RequestedBreakpoint[];
  /** The editor's ids, one for each of `requested`. */
  ids: readonly number[];
}

export class CellBreakpoints {
  readonly #ask: Ask;
  readonly #cells: NotebookCells;
  readonly #sources: CellSources;
  /** By the editor's URI or path. */
  readonly #byName = new Map<string, SourceBreakpoints>();
  readonly #editorIds = new Map<number, { readonly id: number; readonly name: string }>();
  readonly #onChanged: (breakpoint: Breakpoint) => void;
  #nextId = 1;
  /** One change at a time: each reads what the last one left. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    ask: Ask,
    cells: NotebookCells,
    sources: CellSources,
    onChanged: (breakpoint: Breakpoint) => void,
  ) {
    this.#ask = ask;
    this.#cells = cells;
    this.#sources = sources;
    this.#onChanged = onChanged;
  }

  /** Replaces the breakpoints of a source, as the editor asks. */
  async set(name: string, requested: readonly RequestedBreakpoint[]): Promise<readonly Breakpoint[]> {
    return await this.#inTurn(async () => await this.#set(name, requested));
  }

  /** Brings the breakpoints of cells that were edited to where they are now. */
  async refresh(): Promise<void> {
    await this.#inTurn(async () => {
      for (const [name, { path }] of this.#byName) {
        if (!this.#cells.isCell(name) || (await this.#sources.pathOf(name)) === path) continue;
        await this.#move(name);
      }
    });
  }

  /** Sets all of them in a kernel that has none. */
  async renew(): Promise<void> {
    await this.#inTurn(async () => {
      this.#editorIds.clear();
      for (const entry of this.#byName.values()) entry.path = undefined;
      for (const name of this.#byName.keys()) await this.#move(name);
    });
  }

  /** The editor's word for a breakpoint of the kernel's; undefined for one that the editor doesn't know. */
  translate(breakpoint: Breakpoint): Breakpoint | undefined {
    const known = breakpoint.id === undefined ? undefined : this.#editorIds.get(breakpoint.id);
    return known && { ...breakpoint, id: known.id, source: { path: known.name } };
  }

  /** The editor's ids for the kernel's. */
  translateIds(ids: readonly unknown[]): readonly number[] {
    return ids.flatMap((id) => (typeof id === "number" ? (this.#editorIds.get(id)?.id ?? []) : []));
  }

  async #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change, change);
    this.#last = result.catch(() => undefined);
    return await result;
  }

  async #set(name: string, requested: readonly RequestedBreakpoint[]): Promise<readonly Breakpoint[]> {
    const before = this.#byName.get(name);
    const path = await this.#sources.pathOf(name);
    const isMoved = before?.requested.length === requested.length;
    const ids = isMoved ? before.ids : requested.map(() => this.#nextId++);
    this.#byName.set(name, { path, requested, ids });
    if (before?.path !== undefined && before.path !== path) await this.#apply(before.path);
    if (path === undefined) return ids.map((id) => ({ id, verified: false, source: { path: name } }));
    const applied = await this.#apply(path);
    if (requested.length === 0) this.#byName.delete(name);
    return applied.get(name) ?? [];
  }

  async #move(name: string): Promise<void> {
    const requested = this.#cells.isCell(name) ? this.#cells.breakpoints(name) : undefined;
    const kept = this.#byName.get(name)?.requested ?? [];
    for (const breakpoint of await this.#set(name, requested ?? kept)) this.#onChanged(breakpoint);
  }

  /** Tells the kernel all breakpoints of a path; the result is by the editor's names. */
  async #apply(path: string): Promise<ReadonlyMap<string, readonly Breakpoint[]>> {
    const owners = [...this.#byName].filter(([, entry]) => entry.path === path);
    const body = await this.#ask("setBreakpoints", {
      source: { path },
      breakpoints: owners.flatMap(([, { requested }]) => requested),
    });
    const { breakpoints } = v.parse(breakpointsBodySchema, body);
    let next = 0;
    return new Map(
      owners.map(([name, { ids }]) => [
        name,
        ids.flatMap((id): Breakpoint[] => {
          const set = breakpoints[next++];
          if (set === undefined) return [];
          if (set.id !== undefined) this.#editorIds.set(set.id, { id, name });
          return [{ ...set, id, source: { path: name } }];
        }),
      ]),
    );
  }
}
