/**
 * @file Which kernels run for which notebooks, in files: a window that is loaded anew finds its kernels again.
 *
 * Invariant: a kernel has one window at a time. A record names the process of its window; another window takes the
 * kernel only when that one has let go of it or has ended.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as v from "valibot";
import { isRunning } from "../../jupyter/client-process-handle.ts";

const recordSchema = v.strictObject({
  version: v.literal(1),
  /** The notebook's URI. */
  notebook: v.string(),
  /** The window's workspace; untitled notebooks of different workspaces have the same URIs. */
  workspace: v.string(),
  pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
  connectionFile: v.pipe(
    v.string(),
    v.check((path) => basename(dirname(path)).startsWith("tenon-kernel-"), "not one of our connection files"),
  ),
  /** The process of the window that has the kernel; null where none has. */
  owner: v.nullable(v.number()),
});

/** A kernel that runs, and for which notebook. */
export type KernelRecord = v.InferOutput<typeof recordSchema>;

/** Milliseconds that a window which is being loaded anew may take to end. */
const ownerPatience = 3000;

export class KernelRecords {
  readonly #folder: string;
  readonly #workspace: string;
  /** The files of the kernels that this window has, by the notebook's URI. */
  readonly #own = new Map<string, string>();

  /** `workspace` tells windows with different folders apart. */
  constructor(folder: string, workspace: string) {
    this.#folder = folder;
    this.#workspace = workspace;
  }

  /** The kernels that run, of all windows. What is left of others is removed. */
  running(): readonly KernelRecord[] {
    return this.#read().map(({ record }) => record);
  }

  /** True where a kernel of the notebook may be taken over, now or when its window has ended. */
  has(notebook: string): boolean {
    return this.#of(notebook).length > 0;
  }

  /** False for notebooks that cannot be told apart from those of other windows. */
  finds(notebook: string): boolean {
    return this.#workspace !== "" || !notebook.startsWith("untitled:");
  }

  /** Takes a notebook's kernel that no other window has; waits a moment for one that is just ending. */
  async claim(notebook: string): Promise<KernelRecord | undefined> {
    const deadline = Date.now() + ownerPatience;
    for (;;) {
      const found = this.#of(notebook);
      const free = found.find(({ record }) => record.owner === null || !isRunning(record.owner));
      if (free !== undefined) {
        this.#write(free.file, { ...free.record, owner: process.pid });
        this.#own.set(notebook, free.file);
        return free.record;
      }
      if (found.length === 0 || Date.now() > deadline) return undefined;
      await delay(50);
    }
  }

  /** Notes the kernel that a notebook of this window has now. */
  note(notebook: string, place: { readonly pid: number; readonly connectionFile: string }): void {
    const file = this.#own.get(notebook) ?? join(this.#folder, `${randomUUID()}.json`);
    this.#own.set(notebook, file);
    const { pid, connectionFile } = place;
    const workspace = this.#workspace;
    this.#write(file, { version: 1, notebook, workspace, pid, connectionFile, owner: process.pid });
  }

  /** Lets go of a notebook's kernel, which goes on. */
  release(notebook: string): void {
    const file = this.#own.get(notebook);
    if (file === undefined) return;
    this.#own.delete(notebook);
    const record = readRecord(file);
    if (record !== undefined) this.#write(file, { ...record, owner: null });
  }

  /** Forgets a notebook's kernel, which has ended. */
  forget(notebook: string): void {
    const file = this.#own.get(notebook);
    this.#own.delete(notebook);
    if (file !== undefined) rmSync(file, { force: true });
  }

  #of(notebook: string): readonly { readonly file: string; readonly record: KernelRecord }[] {
    if (!this.finds(notebook)) return [];
    const isUntitled = notebook.startsWith("untitled:");
    return this.#read().filter(
      ({ file, record }) =>
        record.notebook === notebook &&
        (!isUntitled || record.workspace === this.#workspace) &&
        ![...this.#own.values()].includes(file),
    );
  }

  #read(): readonly { readonly file: string; readonly record: KernelRecord }[] {
    let names: readonly string[];
    try {
      names = readdirSync(this.#folder);
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      if (!name.endsWith(".json")) return [];
      const file = join(this.#folder, name);
      const record = readRecord(file);
      if (record === undefined) return [];
      if (isRunning(record.pid)) return [{ file, record }];
      rmSync(file, { force: true });
      void rm(dirname(record.connectionFile), { recursive: true, force: true }).catch(() => undefined);
      return [];
    });
  }

  #write(file: string, record: KernelRecord): void {
    const fresh = `${file}.${process.pid}`;
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(fresh, JSON.stringify(record), { mode: 0o600 });
      renameSync(fresh, file);
    } catch {
      // On a full disk kernels run all the same; a window that is loaded anew does not find them.
      rmSync(fresh, { force: true });
    }
  }
}

function readRecord(file: string): KernelRecord | undefined {
  try {
    const parsed = v.safeParse(recordSchema, JSON.parse(readFileSync(file, "utf8")));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
