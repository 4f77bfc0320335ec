/**
 * @file A notebook as one typed program: each executed cell is a module, and a new cell's module imports the names of
 * earlier cells that it uses, as they are at that time. So a cell is checked in the time that it takes itself.
 *
 * Calls are answered one after another, in their order.
 */
import type { CellAnalysis } from "../analysis.ts";
import { analyseCell } from "../analyse-cell.ts";
import { CheckerStoppedError } from "../compiler/native-compiler.ts";
import type { CompilerSession } from "../compiler/session.ts";
import type { FileSchemas } from "../tables/file-columns.ts";
import type { TableRead } from "../tables/table-paths.ts";
import type { CellCompletions, CellDiagnostic, CellInspection } from "../types.ts";
import { completeCell } from "./complete.ts";
import { CompilerHost, aheadFile, cellFile, emptyCell, noModule } from "./compiler-host.ts";
import { cellDiagnostics } from "./diagnostics.ts";
import type { CellQuestion } from "./cell-question.ts";
import { globalNames } from "./global-names.ts";
import { inspectCell } from "./inspect.ts";
import { LocalModules } from "./local-modules.ts";
import { LookAhead } from "./look-ahead.ts";
import { type ModuleOfCell, moduleOfCell } from "./module-of-cell.ts";
import { withMeantText } from "./meant-text.ts";
import { memoryLimitFor } from "./memory-limit.ts";
import { NotebookModules } from "./notebook-modules.ts";
import { settle, settleable } from "./settle.ts";
import { describeRead, readProblems } from "./table-answers.ts";
import { TableModule, patience } from "./table-module.ts";
import type { WorkspaceOptions } from "./workspace.ts";

export type CellProgramOptions = WorkspaceOptions;

/** Unsettled names beyond this number are settled before the next check, not when there is time. */
const mostUnsettled = 48;
/** So many cells run without a pause may leave modules behind that nothing needs any more. */
const mostUntidied = 256;

export class CellProgram {
  readonly #host: CompilerHost;
  readonly #modules: NotebookModules;
  readonly #ahead: LookAhead;
  readonly #tables: TableModule;
  /** How many slots of cells that are checked ahead are in the program. */
  #slots = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #answering = false;
  #disposed = false;
  #analysed: { source: string; analysis: CellAnalysis } | undefined;
  readonly #localModules = new LocalModules();
  #usesLocalModules = false;
  /** True after a cell that imported a local module which did not exist. */
  #missedModule = false;
  #lastImports = "";
  #measureMemory = false;
  #globals: ReadonlyMap<string, string> | undefined;

  /**
   * Starts the compiler, or takes over one that was started already. Calls may be made at once. `schemas` knows the
   * columns of the files that cells read.
   */
  constructor(start: CellProgramOptions | CompilerHost, schemas?: FileSchemas) {
    this.#host = "workspace" in start ? start : new CompilerHost(start);
    this.#modules = new NotebookModules(this.#host.workspace, this.#host.options.directory);
    this.#tables = new TableModule(this.#host.workspace, schemas);
    this.#ahead = new LookAhead(
      this.#modules,
      (source, analysis, uses) => moduleOfCell(source, analysis, uses, this.#host.options.directory),
      (source, analysis, names) => this.#reads(source, analysis, names).length > 0,
    );
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
    if (this.#disposed) throw new CheckerStoppedError("the type checker was stopped", { onPurpose: true });
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
    this.#tables.takeDirty();
    this.#localModules.clear();
    this.#lastImports = "";
  }

  #analyse(source: string): CellAnalysis {
    if (this.#analysed?.source !== source) this.#analysed = { source, analysis: analyseCell(source) };
    return this.#analysed.analysis;
  }

  #module(source: string, analysis = this.#analyse(source)): ModuleOfCell {
    return moduleOfCell(source, analysis, this.#modules.usesOf(analysis), this.#host.options.directory);
  }

  #reads(source: string, analysis: CellAnalysis, names = this.#modules.live): readonly TableRead[] {
    return this.#tables.reads(source, analysis, (name) => names.get(name)?.declaration);
  }

  /** Has the columns of the files that a cell reads in the program, as far as they can be had in time. */
  async #refreshTables(
    source: string,
    milliseconds: number,
    analysis = this.#analyse(source),
  ): Promise<readonly TableRead[]> {
    const reads = this.#reads(source, analysis);
    // Cells were found to be clean without what is known now.
    if (await this.#tables.refresh(reads, milliseconds)) this.#ahead.discard();
    return reads;
  }

  /** Makes a text the module that questions are about. */
  async #update(session: CompilerSession, text: string): Promise<void> {
    await this.#updateFiles(session, new Map([[cellFile, text]]), updating(session));
  }

  /** Writes files and has the program take them in; `advance` gets all that changed. */
  async #updateFiles<T>(
    session: CompilerSession,
    files: ReadonlyMap<string, string>,
    advance: (changed: readonly string[]) => Promise<T>,
  ): Promise<T> {
    for (const [name, content] of files) this.#host.workspace.write(name, content);
    const dirty = this.#modules.takeDirty();
    const names = Array.from(files.keys(), (name) => this.#host.workspace.path(name));
    const changed = [...names, ...dirty, ...this.#localModules.takeChanged()];
    const text = [...files.values()].join("\n");
    // By itself: where one file changes, the compiler keeps the rest of the program as it is.
    const tables = this.#tables.takeDirty();
    if (tables.length > 0) await session.update({ changed: tables });
    if (this.#missedModule) {
      this.#missedModule = false;
      await session.invalidateAll();
    }
    const result = await advance(changed);
    const imports = (text.match(/^.*?\bfrom\s*["'][^"']*["']/gm) ?? []).join("\n");
    if (imports === this.#lastImports && dirty.length === 0) return result;
    this.#lastImports = imports;
    this.#measureMemory = true;
    if (this.#usesLocalModules)
      this.#localModules.watch(await session.fileNames(), this.#host.workspace.folder);
    return result;
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
    if (this.#isCleanAhead(source)) return [];
    return await this.#exclusive(async (session) => {
      if (this.#isCleanAhead(source)) return [];
      if (/^\s*(?:\/\/[^\n]*\n\s*)*\/\/\s*@ts-nocheck\b/.test(source)) return [];
      if (!this.#ahead.busy && this.#isSettlingDue()) await this.#settle(session, () => false);
      const reads = await this.#refreshTables(source, patience.check);
      const module = this.#module(source);
      const isParsed = module.analysis.problems.length === 0;
      const file = this.#host.workspace.path(cellFile);
      const found = await this.#updateFiles(
        session,
        new Map([[cellFile, module.text.text]]),
        async (changed) => {
          return await session.updateAndDiagnose({ changed }, file, isParsed);
        },
      );
      const diagnostics = [
        ...cellDiagnostics(found, module).map((each) =>
          withMeantText(each, () => this.#tables.columnNames()),
        ),
        ...readProblems(reads, this.#tables),
      ];
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

  #isSettlingDue(): boolean {
    // A table whose columns are still to come must not be settled without them.
    if (this.#tables.isAwaiting) return false;
    return this.#modules.addedSinceTidy > mostUntidied || settleable(this.#modules).length > mostUnsettled;
  }

  #isCleanAhead(source: string): boolean {
    if (this.#tables.isAwaiting || !this.#ahead.isClean(source)) return false;
    // A cell that ran meanwhile may have written a module that the program reads.
    return this.#localModules.areUnchanged;
  }

  /**
   * Checks cells that wait, in the order in which they will run, so that {@link check} has their results when it is
   * their turn. Sees their names as if all of them ran; nothing else does.
   */
  checkAhead(waiting: readonly string[]): void {
    if (this.#tables.isAwaiting || !this.#ahead.wants(waiting)) return;
    this.#exclusive(async (session) => {
      if (this.#isSettlingDue()) {
        if (this.#ahead.busy) return;
        await this.#settle(session, () => false);
      }
      await this.#ahead.check(waiting, async (modules) => await this.#haveProblems(session, modules));
    }).catch(() => this.#ahead.discard());
  }

  /** Whether modules that are in the program side by side have problems. */
  async #haveProblems(session: CompilerSession, modules: readonly ModuleOfCell[]): Promise<boolean[]> {
    const [only] = modules;
    const names = modules.length === 1 ? [cellFile] : Array.from(modules, (_, index) => `ahead-${index}.ts`);
    if (modules.length === 1 && only !== undefined) await this.#update(session, only.text.text);
    else {
      const files = new Map(modules.map(({ text }, index) => [names[index] ?? "", text.text]));
      if (this.#slots !== modules.length) files.set(aheadFile, slotImports(modules.length));
      this.#slots = modules.length;
      await this.#updateFiles(session, files, updating(session));
    }
    return await Promise.all(
      names.map(
        async (name) => (await session.diagnostics(this.#host.workspace.path(name), true)).length > 0,
      ),
    );
  }

  /** Forgets results of cells that will not run as it was expected. */
  discardAhead(): void {
    this.#ahead.discard();
  }

  /** Adds a cell that is about to run to the program. Cells with broken syntax can't run and are ignored. */
  commit(source: string): void {
    if (this.#ahead.commit(source)) return;
    const analysis = this.#analyse(source);
    if (analysis.problems.length > 0) return;
    this.#tables.expect(this.#reads(source, analysis));
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
        columnNames: () => this.#tables.columnNames(),
        globals,
      });
    });
  }

  /** What is known of the name at an offset, or of the call around it. */
  async inspect(source: string, offset: number): Promise<CellInspection | undefined> {
    return await this.#exclusive(async (session) => {
      const reads = await this.#refreshTables(source, patience.typing);
      return (
        describeRead(reads, offset, this.#tables) ??
        (await inspectCell(source, offset, this.#question(session)))
      );
    });
  }

  #question(session: CompilerSession): CellQuestion {
    const open = async (source: string, analysis: CellAnalysis): Promise<ModuleOfCell> => {
      await this.#refreshTables(source, patience.typing, analysis);
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
      // What is settled is no longer what cells were checked against; the next call comes soon.
      if (this.#ahead.busy) return false;
      if (this.#tables.isAwaiting) {
        await this.#tables.refresh([], patience.idle);
        if (this.#tables.isAwaiting) return true;
      }
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
    if (!isWanted()) await this.#empty(session);
    return more;
  }

  async #empty(session: CompilerSession): Promise<void> {
    const files = new Map([[cellFile, emptyCell]]);
    if (this.#slots > 0) files.set(aheadFile, noModule);
    this.#slots = 0;
    await this.#updateFiles(session, files, updating(session));
  }

  /** Has packages, configuration and modules read anew, for example after an installation. */
  invalidate(): void {
    this.#globals = undefined;
    this.#ahead.discard();
    this.#exclusive(async () => {
      this.#host.workspace.writeConfig();
      this.#forgetFiles();
      this.#host.restart();
      await this.#host.session(() => this.#forgetFiles());
    }).catch(() => undefined);
  }

  /** Forgets all executed cells. */
  reset(): void {
    this.#ahead.discard();
    this.#modules.reset();
  }

  /** Ends the call that is being answered: it rejects with {@link CheckerStoppedError}. The next one starts anew. */
  interrupt(): void {
    this.#ahead.discard();
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

function slotImports(count: number): string {
  return `export {};\n${Array.from({ length: count }, (_, index) => `import "./ahead-${index}.ts";\n`).join("")}`;
}

/** Takes changed files into the program, and asks nothing. */
function updating(session: CompilerSession): (changed: readonly string[]) => Promise<void> {
  return async (changed) => await session.update({ changed });
}
