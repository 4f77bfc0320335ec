/** @file Which files the columns may be looked at: local ones of the notebook's project, and those named outright. */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";

/** A file or a pattern of files by its absolute path, or why it is not looked at. */
export type LocalFile = { readonly path: string; readonly isPattern: boolean } | { readonly problem: string };

/** What marks the folder of a project. */
const projectMarks: readonly string[] = [".git", "package.json", ".vscode"];

/**
 * The folder of the project that a folder belongs to: the nearest one, from itself upwards, that is a repository, a
 * package or opened in VS Code; itself where there is none.
 */
export function projectFolder(directory: string): string {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (projectMarks.some((mark) => existsSync(join(folder, mark)))) return folder;
    if (dirname(folder) === folder) return directory;
  }
}

/** The local file that a path in a cell names. Nothing is opened. */
export function localFile(path: string, directory: string, project: string): LocalFile {
  // A drive has one letter.
  if (/^[a-z][a-z\d+.-]+:/i.test(path) || /^(?:\/\/|\\\\)/.test(path))
    return { problem: "only local files are looked at before a cell runs" };
  const absolute = resolve(directory, path);
  if (!isAbsolute(path) && !isWithin(absolute, project))
    return {
      problem: `it is outside ${project}; files elsewhere are looked at where the path is absolute`,
    };
  return { path: absolute, isPattern: /[*?[]/.test(path) };
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !/^\.\.[/\\]/.test(way) && !isAbsolute(way);
}
