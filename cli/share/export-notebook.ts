/** @file Does what `tenon export` is asked. */
import { basename, dirname, extname, resolve } from "node:path";
import { replaceFile } from "../../jupyter/notebook-file.ts";
import type { ExportHtmlOptions, ExportOptions } from "../commands/export.ts";
import { CommandFailure, describeFileError } from "../failure.ts";
import { loadNotebook, savePage } from "../run/run-files.ts";
import { writeModule } from "../module/write-module.ts";
import { sayWritten, targetFile } from "./shared-file.ts";

/** Writes the notebook as a page. @throws {CommandFailure} */
export async function exportPage(path: string, { out, images }: ExportHtmlOptions): Promise<void> {
  const notebook = await loadNotebook(resolve(path));
  const target = await targetFile(path, out, ".html", { mayReplace: true });
  await savePage(target, notebook, {
    title: basename(path, extname(path)),
    baseDirectory: resolve(images ?? dirname(path)),
  });
  sayWritten(target);
}

/** Writes the notebook as a module. @throws {CommandFailure} */
export async function exportModule(path: string, { out }: ExportOptions): Promise<void> {
  const notebook = await loadNotebook(resolve(path));
  const target = await targetFile(path, out, ".ts", { mayReplace: false });
  try {
    await replaceFile(target, writeModule(notebook));
  } catch (cause) {
    throw new CommandFailure(`cannot write ${describeFileError(cause, target)}`, undefined, { cause });
  }
  sayWritten(target);
}
