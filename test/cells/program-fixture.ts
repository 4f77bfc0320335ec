/** @file A notebook's program in an empty folder, for tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CellProgram } from "../../cells/program/cell-program.ts";
import type { FileSchemas } from "../../cells/tables/file-columns.ts";
import type { CellDiagnostic } from "../../cells/types.ts";

export const tenonRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export class Notebook {
  readonly directory = mkdtempSync(join(tmpdir(), "tenon-cells-"));
  readonly program: CellProgram;

  constructor(schemas?: FileSchemas) {
    const { directory } = this;
    this.program = new CellProgram(
      {
        directory,
        tenonRoot,
        globalsFile: join(tenonRoot, "kernel", "globals.d.ts"),
        libraryFile: join(tenonRoot, "dist/kernel/type-library/esnext.d.ts"),
      },
      schemas,
    );
  }

  write(name: string, text: string): void {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** What is wrong with a cell, each as `code "place" message`. */
  async check(source: string): Promise<string[]> {
    return (await this.program.check(source)).map((diagnostic) => describeDiagnostic(source, diagnostic));
  }

  /** Checks a cell, which must have no errors, and adds it. */
  async run(...sources: readonly string[]): Promise<void> {
    for (const source of sources) {
      const errors = (await this.program.check(source)).filter(({ severity }) => severity === "error");
      if (errors.length > 0) throw new Error(`${source}: ${errors.map(({ message }) => message).join("; ")}`);
      this.program.commit(source);
    }
  }

  async settle(): Promise<void> {
    while (await this.program.settle());
  }

  async close(): Promise<void> {
    await this.program.dispose();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function describeDiagnostic(
  source: string,
  { code, start, end, message, severity }: CellDiagnostic,
): string {
  const mark = severity === "error" ? "" : `${severity} `;
  return `${mark}${code} "${source.slice(start, end)}" ${message}`;
}
