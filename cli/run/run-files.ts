/** @file The files of a run: the notebook that is read, and what is written. */
import { mkdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import * as v from "valibot";
import {
  type Notebook,
  NotebookFormatError,
  readNotebook,
  replaceFile,
  writeNotebook,
} from "../../jupyter/notebook-file.ts";
import { CommandFailure, describeFileError, exitCode } from "../failure.ts";

/** Where a run's results go, as absolute paths. */
export interface RunFiles {
  readonly input: string;
  readonly output: string;
  readonly html: string | undefined;
}

/** The paths of a run. @throws {CommandFailure} where two are the same that mustn't be. */
export function resolveRunFiles(
  notebook: string,
  out: string | undefined,
  html: string | undefined,
): RunFiles {
  const input = resolve(notebook);
  const output =
    out === undefined
      ? join(dirname(input), "output", `${basename(input, extname(input))}.ipynb`)
      : resolve(out);
  const page = html === undefined ? undefined : resolve(html);
  if (page === input || page === output) {
    throw new CommandFailure("--html names the same file as the notebook", exitCode.usage);
  }
  return { input, output, html: page };
}

const languageSchema = v.object({
  language_info: v.optional(v.object({ name: v.optional(v.string()) })),
  kernelspec: v.optional(v.object({ language: v.optional(v.string()) })),
});

/** Reads the notebook to run. @throws {CommandFailure} */
export async function loadNotebook(path: string): Promise<Notebook> {
  let notebook: Notebook;
  try {
    notebook = await readNotebook(path);
  } catch (cause) {
    const message =
      cause instanceof NotebookFormatError ? `${path}: ${cause.message}` : describeFileError(cause, path);
    throw new CommandFailure(message, undefined, { cause });
  }
  const found = v.safeParse(languageSchema, notebook.metadata);
  const language = found.success
    ? (found.output.language_info?.name ?? found.output.kernelspec?.language)
    : undefined;
  if (language !== undefined && !/^(typescript|javascript)$/i.test(language)) {
    throw new CommandFailure(`${path} is a ${language} notebook; Tenon runs TypeScript`);
  }
  return notebook;
}

/** Makes a file's folder. @throws {CommandFailure} where it can't or the file is a directory. */
export async function prepareFolder(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (cause) {
    throw new CommandFailure(`cannot write ${describeFileError(cause, dirname(path))}`, undefined, { cause });
  }
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) throw new CommandFailure(`cannot write ${path}: it is a directory`);
}

/** Writes the executed notebook. @throws {CommandFailure} */
export async function saveNotebook(path: string, notebook: Notebook): Promise<void> {
  try {
    await writeNotebook(path, notebook);
  } catch (cause) {
    throw new CommandFailure(`cannot write ${describeFileError(cause, path)}`, undefined, { cause });
  }
}

/** Writes the notebook as a stand-alone page, with the images of its folder. @throws {CommandFailure} */
export async function savePage(
  path: string,
  notebook: Notebook,
  options: { readonly title: string; readonly baseDirectory: string },
): Promise<void> {
  const { exportHtml } = await import("../export-html/export-html.ts");
  const page = await exportHtml(notebook, options);
  try {
    await replaceFile(path, page);
  } catch (cause) {
    throw new CommandFailure(`cannot write ${describeFileError(cause, path)}`, undefined, { cause });
  }
}
