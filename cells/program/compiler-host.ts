/**
 * @file The native compiler of one notebook, with the folder of modules that it reads.
 *
 * It depends on no parser, so that a kernel can have the compiler started before the rest is loaded.
 */
import { CompilerSession } from "../compiler/session.ts";
import { settledFile } from "./generated-names.ts";
import { baseMemoryLimit } from "./memory-limit.ts";
import { Workspace, type WorkspaceOptions } from "./workspace.ts";

/** The module that is checked, completed or inspected. */
export const cellFile = "cell.ts";
/** The root module that keeps packages, once imported, in the program. */
export const keptFile = "kept.ts";
/** The root module of cells that are checked before their turn. */
export const aheadFile = "ahead.ts";
/** The root module that has the columns of files; see table-module.ts. */
export const tablesFile = "tables.ts";
/** A module with the imports that all cells have, and nothing else. */
export const emptyCell = `export {}; import {  } from "./${settledFile}";\n`;
export const noModule = "export {};\n";

export class CompilerHost {
  readonly options: WorkspaceOptions;
  readonly workspace: Workspace;
  #session: CompilerSession | undefined;
  #opened: Promise<void> = Promise.resolve();
  #memoryLimit = baseMemoryLimit;

  /** Makes the folder and starts the compiler. */
  constructor(options: WorkspaceOptions) {
    this.options = options;
    this.workspace = new Workspace(options);
    this.workspace.write(settledFile, noModule);
    this.workspace.write(keptFile, noModule);
    this.workspace.write(aheadFile, noModule);
    this.workspace.write(tablesFile, noModule);
    this.workspace.write(cellFile, emptyCell);
    this.restart();
  }

  /** The compiler's process, while it runs. */
  get pid(): number | undefined {
    return this.#session?.running === true ? this.#session.pid : undefined;
  }

  get memoryLimit(): number {
    return this.#memoryLimit;
  }

  /** Ends the compiler and starts another one, which reads everything anew. */
  restart(memoryLimit = this.#memoryLimit): void {
    this.#session?.kill();
    this.#memoryLimit = memoryLimit;
    this.#session = new CompilerSession(this.workspace.configFile, this.workspace.folder, memoryLimit);
    this.#opened = this.#session.open();
    // Whoever asks for the session gets the error.
    this.#opened.catch(() => undefined);
  }

  /**
   * The session once its program is read. `onRestart` is called where a new one had to be started, because the last
   * was interrupted or crashed.
   */
  async session(onRestart: () => void): Promise<CompilerSession> {
    if (this.#session?.running !== true) {
      onRestart();
      this.restart();
    }
    const session = this.#session;
    await this.#opened;
    if (session === undefined) throw new TypeError("a session is always started first");
    return session;
  }

  dispose(): void {
    this.#session?.kill();
    this.workspace.dispose();
  }
}
