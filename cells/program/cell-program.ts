/**
 * @file A notebook as one typed program: each executed cell is a module, and a new cell's module imports the names of
 * earlier cells that it uses, as they are at that time. So a cell is checked in the time that it takes itself.
 *
 * Calls are answered one after another, in their order.
 */
import { statSync } from "node:fs";
import type { CellAnalysis } from "../analysis.ts";
import { analyseCell } from "../analyse-cell.ts";
import { CheckerStoppedError } from "../compiler/native-compiler.ts";
import type { CompilerSession } from "../compiler/session.ts";
import type { CellCompletions, CellDiagnostic, CellInspection } from "../types.ts";
import { completeCell } from "./complete.ts";
import { CompilerHost, cellFile, emptyCell } from "./compiler-host.ts";
import { cellDiagnostics } from "./diagnostics.ts";
import type { CellQuestion } from "./cell-question.ts";
import { globalNames } from "./global-names.ts";
import { inspectCell } from "./inspect.ts";
import { type ModuleOfCell, moduleOfCell } from "./module-of-cell.ts";
import { memoryLimitFor } from "./memory-limit.ts";
import { NotebookModules } from "./notebook-modules.ts";
import { settle, settleable } from "./settle.ts";
import type { WorkspaceOptions } from "./workspace.ts";

export type CellProgramOptions = WorkspaceOptions;

/** Unsettled names beyond this number are settled before the next check, not when there is time. */
const mostUnsettled = 48;

export class CellProgram {
  readonly #host: CompilerHost;
  readonly #modules: NotebookModules;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #answering = false;
  #disposed = false;
  #analysed: { source: string; analysis: CellAnalysis } | undefined;
  /** Local modules of the program with their times of change. */
  readonly #localFiles = new Map<string, number>();
  #usesLocalModules = false;
  /** True after a cell that imported a local module which did not exist. */
  #missedModule = false;
  #lastImports = "";
  #measureMemory = false;
  #globals: ReadonlyMap<string, string> | undefined;

  /** Starts the compiler, or takes over one that was started already. Calls may be made at once. */
  constructor(start: CellProgramOptions | CompilerHost) {
    this.#host = "workspace" in start ? start : new CompilerHost(start);
    this.#modules = new NotebookModules(this.#host.workspace, this.#host.options.directory);
  }

  /** The compiler's process, while it runs. */
  get pid(): number | undefined {
    return this.#host.pid;
  }

  /** How many cells' modules are kept, and how much memory the compiler may fill, in MiB. */
  get footprint(): { readonly modules: number; readonly memoryLimit: number } {
    return { modules: this.#modules.moduleCount, memoryLimit: this.#host.memoryLimit };
  }

  async #exclusive<T>(call: (session: CompilerSession) => Promise<T>): Promise<T> {
    if (this.#disposed) throw new CheckerStoppedError("the type checker was stopped");
    this.#waiting += 1;
    const result = this.#queue.then(async () => {
      this.#waiting -= 1;
      this.#answering = true;
      try {
        return await call(await this.#host.session(() => this.#forgetFiles()));
      } finally {
        this.#answering = false;
      }
    });
    this.#queue = result.catch(() => undefined);
    return await result;
  }

  /** A new compiler reads all files as they are. */
  #forgetFiles(): void {
    this.#modules.takeDirty();
    this.#localFiles.clear();
    this.#lastImports = "";
  }

  #analyse(source: string): CellAnalysis {
    if (this.#analysed?.source !== source) this.#analysed = { source, analysis: analyseCell(source) };
    return this.#analysed.analysis;
  }

  #module(source: string, analysis = this.#analyse(source)): ModuleOfCell {
    return moduleOfCell(source, analysis, this.#modules.usesOf(analysis), this.#host.options.directory);
  }

  /** Makes a text the module that questions are about. */
  async #update(session: CompilerSession, text: string): Promise<void> {
    this.#host.workspace.write(cellFile, text);
    const dirty = this.#modules.takeDirty();
    const changed = [this.#host.workspace.path(cellFile), ...dirty, ...this.#changedLocalFiles()];
    if (this.#missedModule) {
      this.#missedModule = false;
      await session.invalidateAll();
    }
    await session.update({ changed });
    const imports = (text.match(/^.*?\bfrom\s*["'][^"']*["']/gm) ?? []).join("\n");
    if (imports === this.#lastImports && dirty.length === 0) return;
    this.#lastImports = imports;
    this.#measureMemory = true;
    if (this.#usesLocalModules) await this.#watchLocalFiles(session);
  }

  /** Finds the modules that the user may change: those of the program that are neither packages nor generated. */
  async #watchLocalFiles(session: CompilerSession): Promise<void> {
    for (const file of await session.fileNames()) {
      if (
        this.#localFiles.has(file) ||
        file.includes("/node_modules/") ||
        file.startsWith(this.#host.workspace.folder)
      )
        continue;
      this.#localFiles.set(file, modificationTime(file));
    }
  }

  #changedLocalFiles(): string[] {
    const changed: string[] = [];
    for (const [file, known] of this.#localFiles) {
      const time = modificationTime(file);
      if (time === known) continue;
      this.#localFiles.set(file, time);
      changed.push(file);
    }
    return changed;
  }

  /** A program that has outgrown its memory limit is read again under a larger one. */
  async #fitMemory(session: CompilerSession): Promise<void> {
    this.#measureMemory = false;
    const limit = memoryLimitFor(await session.fileNames());
    if (limit <= this.#host.memoryLimit) return;
    this.#forgetFiles();
    this.#host.restart(limit);
    await this.#host.session(() => this.#forgetFiles());
  }

  /**
   * The problems of a cell (its magics masked) if it ran now.
   * @throws {CheckerStoppedError} where {@link interrupt} or a crash ended the compiler; the next call starts it anew.
   */
  async check(source: string): Promise<CellDiagnostic[]> {
    return await this.#exclusive(async (session) => {
      if (/^\s*(?:\/\/[^\n]*\n\s*)*\/\/\s*@ts-nocheck\b/.test(source)) return [];
      if (settleable(this.#modules).length > mostUnsettled) await this.#settle(session, () => false);
      const module = this.#module(source);
      await this.#update(session, module.text.text);
      const found = await session.diagnostics(this.#host.workspace.path(cellFile));
      const diagnostics = cellDiagnostics(found, module);
      this.#missedModule = diagnostics.some(
        ({ code, message }) => code === 2307 && /'\.{1,2}\//.test(message),
      );
      if (module.analysis.specifiers.some(({ text }) => text.startsWith("."))) this.#usesLocalModules = true;
      const [problem] = module.analysis.problems;
      const isBroken = module.analysis.problems.length > 0 && diagnostics.every(({ code }) => code >= 2000);
      // Declaration or statement expected: the number that TypeScript has for syntax it can't place.
      return isBroken && problem !== undefined
        ? [{ ...problem, code: 1128, severity: "error" }]
        : diagnostics;
    });
  }

  /** Adds a cell that is about to run to the program. Cells with broken syntax can't run and are ignored. */
  commit(source: string): void {
    const analysis = this.#analyse(source);
    if (analysis.problems.length > 0) return;
    this.#modules.add(source, analysis);
  }

  /** What could stand at an offset of a cell. */
  async complete(source: string, offset: number): Promise<CellCompletions> {
    return await this.#exclusive(async (session) => {
      const { directory, globalsFile, tenonRoot } = this.#host.options;
      const globals = async (): Promise<ReadonlyMap<string, string>> => {
        this.#globals ??= await globalNames(this.#question(session), globalsFile);
        return this.#globals;
      };
      return await completeCell(source, offset, {
        ...this.#question(session),
        live: this.#modules.live,
        directory,
        tenonRoot,
        globals,
      });
    });
  }

  /** What is known of the name at an offset, or of the call around it. */
  async inspect(source: string, offset: number): Promise<CellInspection | undefined> {
    return await this.#exclusive(
      async (session) => await inspectCell(source, offset, this.#question(session)),
    );
  }

  #question(session: CompilerSession): CellQuestion {
    const open = async (source: string, analysis: CellAnalysis): Promise<ModuleOfCell> => {
      const module = this.#module(source, analysis);
      await this.#update(session, module.text.text);
      return module;
    };
    return { session, file: this.#host.workspace.path(cellFile), open };
  }

  /** Settles some executed cells, if nothing waits. True where there is more to do. */
  async settle(): Promise<boolean> {
    return await this.#exclusive(async (session) => {
      if (this.#waiting > 0) return true;
      const more = await this.#settle(session, () => this.#waiting > 0);
      if (!more && this.#measureMemory && this.#waiting === 0) await this.#fitMemory(session);
      return more;
    });
  }

  async #settle(session: CompilerSession, isWanted: () => boolean): Promise<boolean> {
    const more = await settle({
      session,
      workspace: this.#host.workspace,
      modules: this.#modules,
      update: async (text) => await this.#update(session, text),
      isWanted,
    });
    if (!isWanted()) await this.#update(session, emptyCell);
    return more;
  }

  /** Has packages, configuration and modules read anew, for example after an installation. */
  invalidate(): void {
    this.#globals = undefined;
    this.#exclusive(async () => {
      this.#host.workspace.writeConfig();
      this.#forgetFiles();
      this.#host.restart();
      await this.#host.session(() => this.#forgetFiles());
    }).catch(() => undefined);
  }

  /** Forgets all executed cells. */
  reset(): void {
    this.#modules.reset();
  }

  /** Ends the call that is being answered: it rejects with {@link CheckerStoppedError}. The next one starts anew. */
  interrupt(): void {
    if (!this.#answering) return;
    this.#forgetFiles();
    this.#host.restart();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#host.dispose();
    await this.#queue;
  }
}

function modificationTime(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
