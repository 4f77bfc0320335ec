/** @file `tenon types`: the columns of data files as a declaration file, as JSON, or compared with the file that is there. */
import { readFile } from "node:fs/promises";
import type { TableColumn } from "../../cells/tables/file-columns.ts";
import { tableDeclarations } from "../../cells/tables/table-declarations.ts";
import { replaceFile } from "../../jupyter/notebook-file.ts";
import type { TypesOptions } from "../commands/types.ts";
import { CommandFailure, describeFileError } from "../failure.ts";
import { Terminal } from "../terminal.ts";
import { FileColumnReader } from "./file-columns.ts";
import { findReads } from "./find-reads.ts";
import { oneLine } from "./one-line.ts";

type Files = ReadonlyMap<string, readonly TableColumn[]>;

const heading = "// The columns of data files, by `tenon types`. Changes are lost when it runs again.\n";

/**
 * Runs the command.
 * @throws {CommandFailure} where a named file cannot be read, nothing is found, or the declarations are out of date.
 */
export async function writeTypes(named: readonly string[], options: TypesOptions): Promise<void> {
  const reader = new FileColumnReader();
  let files: Files;
  try {
    files = named.length > 0 ? await namedFiles(named, reader) : await filesOfCode(reader);
  } finally {
    await reader.close();
  }
  if (options.json === true) {
    console.log(JSON.stringify(Object.fromEntries(sorted(files)), undefined, 2));
    return;
  }
  const text = `${heading}export {};\n${tableDeclarations(files)}`;
  const count = `${files.size} ${files.size === 1 ? "file" : "files"}`;
  const terminal = new Terminal(process.stdout);
  const { out } = options;
  const isCurrent = (await contentOf(out)) === text;
  if (options.check === true) {
    if (!isCurrent) throw new CommandFailure(`${out} is out of date: run \`tenon types\``);
    terminal.line(`${out} is up to date (${count})`);
    return;
  }
  if (!isCurrent) {
    try {
      await replaceFile(out, text);
    } catch (cause) {
      throw new CommandFailure(`cannot write ${describeFileError(cause, out)}`, undefined, { cause });
    }
  }
  terminal.line(isCurrent ? `${out} is up to date (${count})` : `Wrote ${out} (${count})`);
}

/** The named files: none of them may fail. */
async function namedFiles(named: readonly string[], reader: FileColumnReader): Promise<Files> {
  const files = new Map<string, readonly TableColumn[]>();
  const problems: string[] = [];
  for (const argument of named) {
    try {
      for (const path of await reader.files(argument)) {
        const key = path.replaceAll("\\", "/").replace(/^(?:\.\/)+/, "");
        files.set(key, await reader.columns(path));
      }
    } catch (error) {
      problems.push(`${argument}: ${oneLine(error)}`);
    }
  }
  if (problems.length > 0) throw new CommandFailure(`cannot read\n  ${problems.join("\n  ")}`);
  return files;
}

/** The files that code reads. A program may write some of them itself, so those that are missing are only told of. */
async function filesOfCode(reader: FileColumnReader): Promise<Files> {
  const found = await findReads(process.cwd());
  if (found.length === 0)
    throw new CommandFailure(
      'no TypeScript file here reads a file by read("…") of tenon/data; name data files: tenon types FILE…',
    );
  const files = new Map<string, readonly TableColumn[]>();
  const terminal = new Terminal(process.stderr);
  for (const { path, place } of found) {
    try {
      files.set(path, await reader.columns(path));
    } catch (error) {
      terminal.line(`${terminal.style("yellow", "left out:")} ${path} (${place}): ${oneLine(error)}`);
    }
  }
  return files;
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new CommandFailure(`cannot read ${describeFileError(cause, path)}`, undefined, { cause });
  }
}

function sorted(files: Files): [string, readonly TableColumn[]][] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
}
