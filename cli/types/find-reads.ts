/** @file The files that the TypeScript files of a folder read by paths that stand in them. */
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { analyseCell } from "../../cells/analyse-cell.ts";
import { tableModule } from "../../cells/tables/table-declarations.ts";
import { tableReads } from "../../cells/tables/table-paths.ts";

/** A path in a `read("…")`. */
export interface FoundRead {
  readonly path: string;
  /** Where it stands, as `file:line`. */
  readonly place: string;
}

/** The paths that are read in a folder and those below it, each once, in the order of their places. */
export async function findReads(folder: string): Promise<readonly FoundRead[]> {
  const found = new Map<string, FoundRead>();
  for (const file of await typescriptFiles(folder)) {
    const source = await readFile(file, "utf8");
    if (!source.includes(tableModule)) continue;
    for (const { text, start } of tableReads(source, analyseCell(source), () => undefined)) {
      const line = source.slice(0, start).split("\n").length;
      const place = `${relative(folder, file).replaceAll("\\", "/")}:${line}`;
      if (!found.has(text)) found.set(text, { path: text, place });
    }
  }
  return [...found.values()];
}

async function typescriptFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await typescriptFiles(path)));
    else if (/\.[cm]?ts$/.test(entry.name) && !/\.d\.[cm]?ts$/.test(entry.name)) files.push(path);
  }
  return files;
}
