/** @file Does what `tenon import` is asked. */
import { readFile } from "node:fs/promises";
import type { ExportOptions } from "../commands/export.ts";
import { CommandFailure, describeFileError } from "../failure.ts";
import { readModule } from "../module/read-module.ts";
import { saveNotebook } from "../run/run-files.ts";
import { sayWritten, targetFile } from "./shared-file.ts";

/** The metadata by which frontends choose the kernel. */
const kernelspec = { display_name: "TypeScript (Tenon)", language: "typescript", name: "tenon" };

/** Writes the module as a notebook. @throws {CommandFailure} */
export async function importModule(path: string, { out }: ExportOptions): Promise<void> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new CommandFailure(describeFileError(cause, path), undefined, { cause });
  }
  const target = await targetFile(path, out, ".ipynb", { mayReplace: false });
  const notebook = readModule(text);
  notebook.metadata["kernelspec"] ??= kernelspec;
  await saveNotebook(target, notebook);
  sayWritten(target);
}
