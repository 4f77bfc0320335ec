/**
 * @file The kernel's type checker: a notebook's program in a native compiler process beside the kernel.
 *
 * The compiler is spawned when the checker is made; what talks to it is loaded meanwhile. All calls are answered in
 * their order, and nothing here waits: the kernel's event loop stays free.
 */
import type { CellProgram } from "../../cells/program/cell-program.ts";
import { CompilerHost } from "../../cells/program/compiler-host.ts";
import { sweepWorkspaces } from "../../cells/program/workspace.ts";
import type { CellCompletions, CellDiagnostic, CellInspection } from "../../cells/types.ts";
import type { NotebookSchemas } from "./notebook-schemas.ts";

export interface CheckerOptions {
  /** The notebook's folder. */
  readonly directory: string;
  /** The ambient declarations of what cells see as globals. */
  readonly globalsFile: string;
  /** JavaScript's own library in one file. */
  readonly libraryFile: string;
  /** The folder of Tenon's package.json. */
  readonly tenonRoot: string;
  /** The program that reads the columns of files. */
  readonly columnReader: string;
}

/** How long the checker is left alone before it settles executed cells. */
const idleDelay = 25;

export class Checker {
  readonly #loaded: Promise<{ readonly program: CellProgram; readonly schemas: NotebookSchemas }>;
  readonly #program: Promise<CellProgram>;
  /** Commits and the like, which return nothing, keep their place among the calls. */
  #order: Promise<unknown>;
  #active = 0;
  #idle: NodeJS.Timeout | undefined;
  #disposed = false;
  #swept = false;

  constructor(options: CheckerOptions) {
    this.#loaded = load(new CompilerHost(options), options);
    this.#program = this.#loaded.then(({ program }) => program);
    // Each call awaits it and gets the error.
    this.#order = this.#program.catch(() => undefined);
  }

  /**
   * The problems of a cell, its magics masked.
   * @throws {CheckerStoppedError} where it was interrupted.
   */
  async check(source: string): Promise<readonly CellDiagnostic[]> {
    return await this.#call(async (program) => await program.check(source));
  }

  /** Checks cells that wait, in their order, so that {@link check} answers at once when it is their turn. */
  checkAhead(waiting: readonly string[]): void {
    this.#tell((program) => program.checkAhead(waiting));
  }

  /** Forgets what was found out about waiting cells that will not run as was expected. */
  discardAhead(): void {
    this.#tell((program) => program.discardAhead());
  }

  /** Makes the names of a cell that is about to run known to later ones. */
  commit(source: string): void {
    this.#tell((program) => program.commit(source));
  }

  async complete(source: string, offset: number): Promise<CellCompletions> {
    return await this.#call(async (program) => await program.complete(source, offset));
  }

  async inspect(source: string, offset: number): Promise<CellInspection | undefined> {
    return await this.#call(async (program) => await program.inspect(source, offset));
  }

  /** Forgets all cells, as after a restart of the process that runs them. */
  reset(): void {
    this.#tell((program) => program.reset());
  }

  /** Has packages and configuration looked up anew, as after an installation. */
  invalidate(): void {
    this.#tell((program) => program.invalidate());
  }

  /** Ends the call that is being answered, however long it would take; the next one starts a new compiler. */
  interrupt(): void {
    void this.#program.then(
      (program) => program.interrupt(),
      () => undefined,
    );
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#idle);
    try {
      const { program, schemas } = await this.#loaded;
      schemas.dispose();
      await program.dispose();
    } catch {
      // It never started; there is nothing to end.
    }
  }

  #tell(action: (program: CellProgram) => void): void {
    void this.#call(async (program) => action(program)).catch(() => undefined);
  }

  async #call<T>(action: (program: CellProgram) => Promise<T>): Promise<T> {
    this.#active += 1;
    clearTimeout(this.#idle);
    const result = this.#order.then(async () => await action(await this.#program));
    this.#order = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#active -= 1;
      if (this.#active === 0) this.#settleSoon();
    }
  }

  #settleSoon(): void {
    clearTimeout(this.#idle);
    if (this.#disposed) return;
    this.#idle = setTimeout(() => void this.#settle(), idleDelay);
    this.#idle.unref();
  }

  /** Settling gives way to calls by itself, so it is not among the ordered ones. */
  async #settle(): Promise<void> {
    try {
      const program = await this.#program;
      const more = await program.settle();
      if (!more && !this.#swept) {
        this.#swept = true;
        sweepWorkspaces();
      }
      if (more && this.#active === 0) this.#settleSoon();
    } catch {
      // The compiler ended. The next call starts it anew and reports what is wrong, if anything still is.
    }
  }
}

async function load(
  host: CompilerHost,
  { columnReader, directory }: CheckerOptions,
): Promise<{ program: CellProgram; schemas: NotebookSchemas }> {
  // The kernel's ports come first.
  await new Promise((resolve) => setImmediate(resolve));
  const [{ CellProgram }, { NotebookSchemas }] = await Promise.all([
    import("../../cells/program/cell-program.ts"),
    import("./notebook-schemas.ts"),
  ]);
  const schemas = new NotebookSchemas({ program: columnReader, directory });
  return { program: new CellProgram(host, schemas), schemas };
}
