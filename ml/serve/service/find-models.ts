/**
 * @file The models of a folder: a package itself, a folder of packages, or of folders of a package for each version. A folder with
 * `transformers.json` counts as a package.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { InvalidInputError } from "../../errors.ts";
import { pipelineFile } from "../engines/transformers/pipeline-file.ts";
import type { ModelSource } from "./load-package.ts";

/** The version of a package that says none. */
const onlyVersion = "1";

/**
 * The models of a path, as they are there now.
 * @throws {@link InvalidInputError} where there are none
 */
export function findModels(path: string): readonly ModelSource[] {
  const folder = resolve(path);
  if (isPackage(folder)) return [{ name: basename(folder), version: onlyVersion, directory: folder }];
  const found = foldersOf(folder).flatMap((name): readonly ModelSource[] => {
    const directory = join(folder, name);
    if (isPackage(directory)) return [{ name, version: onlyVersion, directory }];
    return versionsOf(directory, name);
  });
  if (found.length > 0) return found;
  const versions = versionsOf(folder, basename(folder));
  if (versions.length > 0) return versions;
  throw new InvalidInputError(
    `${path} ${existsSync(folder) ? "holds no model: a model is a directory with a file MLmodel or transformers.json" : "does not exist"}`,
  );
}

function versionsOf(directory: string, name: string): readonly ModelSource[] {
  return foldersOf(directory)
    .filter((version) => /^\d{1,15}$/.test(version) && isPackage(join(directory, version)))
    .map((version) => ({ name, version, directory: join(directory, version) }));
}

function isPackage(directory: string): boolean {
  return descriptionOf(directory) !== undefined;
}

/** The file that makes a directory a model: a package's own goes before that of transformers.js; undefined where there is none. */
export function descriptionOf(directory: string): "MLmodel" | typeof pipelineFile | undefined {
  return (["MLmodel", pipelineFile] as const).find((name) => existsSync(join(directory, name)));
}

function foldersOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith(".") && isFolder(join(folder, name)))
      .sort();
  } catch {
    // It is no folder, or went away meanwhile.
    return [];
  }
}

/** One that went away meanwhile, or leads nowhere, must not hide those beside it. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
