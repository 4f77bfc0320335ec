/** @file What the columns of files add to the check of a cell that reads one; `npm run bench -- check` shows it. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CellProgram } from "../../cells/program/cell-program.ts";
import { NotebookSchemas } from "../../kernel/checker/notebook-schemas.ts";
import { repositoryRoot } from "../support/repository.ts";
import { type CheckLatency, latency } from "./check-latency.ts";

const flights = join(repositoryRoot, "node_modules/vega-datasets/data/flights-3m.parquet");
const firstReads = 5;

/** A notebook in an empty folder, and what knows the columns of its files. */
class ReadingNotebook {
  readonly directory = mkdtempSync(join(tmpdir(), "tenon-bench-reads-"));
  readonly #schemas = new NotebookSchemas({
    program: join(repositoryRoot, "dist/cli/column-reader.cjs"),
    directory: this.directory,
  });
  readonly #program = new CellProgram(
    {
      directory: this.directory,
      tenonRoot: repositoryRoot,
      globalsFile: join(repositoryRoot, "kernel", "globals.d.ts"),
      libraryFile: join(repositoryRoot, "dist/kernel/type-library/esnext.d.ts"),
    },
    this.#schemas,
  );

  /** Has the library in the program, but the process that reads columns not started. */
  async prepare(): Promise<void> {
    const source = 'import { openDatabase } from "tenon/data"';
    await this.#checked(source);
    this.#program.commit(source);
    await this.#checked("openDatabase");
    while (await this.#program.settle());
  }

  addFile(name: string): void {
    copyFileSync(flights, join(this.directory, name));
  }

  /** Milliseconds of a check, which must find the misspelt column or, where nobody knows the file, nothing. */
  async time(path: string, errors: number): Promise<number> {
    const source = `import { read } from "tenon/data";\nconst table = await read(${path});\ntable.select("date", "delai")`;
    const start = performance.now();
    const found = await this.#checked(source);
    const time = performance.now() - start;
    if (found !== errors) throw new Error(`${path}: ${found} errors instead of ${errors}`);
    return time;
  }

  async #checked(source: string): Promise<number> {
    return (await this.#program.check(source)).filter(({ severity }) => severity === "error").length;
  }

  async close(): Promise<void> {
    this.#schemas.dispose();
    await this.#program.dispose();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Measures cells that read a Parquet file, beside the same cell with a path that nobody knows. */
export async function measureTableReads(repeats = 40): Promise<CheckLatency[]> {
  const [open, known, fresh, first]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let round = 0; round < firstReads; round += 1) {
    const notebook = new ReadingNotebook();
    try {
      await notebook.prepare();
      notebook.addFile("first.parquet");
      first.push(await notebook.time('"first.parquet"', 1));
      for (let repeat = 0; repeat < repeats / firstReads; repeat += 1) {
        open.push(await notebook.time(`String(${repeat})`, 0));
        known.push(await notebook.time('"first.parquet"', 1));
        notebook.addFile(`${repeat}.parquet`);
        fresh.push(await notebook.time(`"${repeat}.parquet"`, 1));
      }
    } finally {
      await notebook.close();
    }
  }
  return [
    latency("cell that reads a path put together", open),
    latency("cell that reads a known file", known),
    latency("cell that reads a new file", fresh),
    latency("first cell that reads a file", first),
  ];
}
