/** @file Runs the built `tenon` command on notebooks in a folder of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseNotebook, serializeNotebook, type Cell, type Notebook } from "../../jupyter/notebook-file.ts";

const root = dirname(dirname(import.meta.dirname));
export const cliEntry = join(root, "dist", "cli", "main.js");

/** How a command ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder to run commands in. */
export class CliFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<CliFolder> {
    return new CliFolder(await mkdtemp(join(tmpdir(), "tenon-cli-")));
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }

  /** Writes a notebook; a string is a code cell. */
  async write(name: string, cells: readonly (string | Cell)[]): Promise<string> {
    const notebook: Notebook = {
      cells: cells.map((cell) => (typeof cell === "string" ? codeCell(cell) : cell)),
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    };
    const path = join(this.path, name);
    await writeFile(path, serializeNotebook(notebook));
    return path;
  }

  async read(name: string): Promise<Notebook> {
    return parseNotebook(await readFile(join(this.path, name), "utf8"));
  }

  /** Starts the command; its history and kernelspecs stay in the folder. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcessWithoutNullStreams {
    const { NO_COLOR: _, FORCE_COLOR: __, JUPYTER_PATH: ___, ...inherited } = process.env;
    return spawn(process.execPath, [cliEntry, ...args], {
      cwd: this.path,
      env: {
        ...inherited,
        XDG_DATA_HOME: join(this.path, ".data"),
        JUPYTER_DATA_DIR: join(this.path, ".jupyter"),
        ...env,
      },
    });
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
    return finish(this.start(args, env));
  }
}

/** Waits for a started command to end. */
export async function finish(child: ChildProcessWithoutNullStreams): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  return { code, stdout, stderr };
}

/** Resolves when the command has written the text. */
export function hasWritten(child: ChildProcessWithoutNullStreams, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      seen += chunk;
      if (seen.includes(text)) resolve();
    });
    child.once("close", () => reject(new Error(`it ended without writing ${text}:\n${seen}`)));
  });
}

/** A code cell with tags. */
export function codeCell(source: string, ...tags: readonly string[]): Cell {
  return {
    cell_type: "code",
    execution_count: null,
    metadata: tags.length === 0 ? {} : { tags: [...tags] },
    outputs: [],
    source,
  };
}

/** A Markdown cell. */
export function markdownCell(source: string): Cell {
  return { cell_type: "markdown", metadata: {}, source };
}

/** What a notebook's cells printed. */
export function printed(notebook: Notebook): string {
  return notebook.cells
    .flatMap((cell) => (cell.cell_type === "code" ? cell.outputs : []))
    .map((output) => (output.output_type === "stream" ? [output.text].flat().join("") : ""))
    .join("");
}
