/** @file Files that another file names, confined to that file's folder: a model from elsewhere must not read the rest of the disk. */
import { realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";

/** A regular file inside the folder, links resolved, or why there is none. */
export type ConfinedFile =
  { readonly path: string; readonly size: number } | { readonly refusal: string; readonly cause?: unknown };

/**
 * Looks up a file by the relative name that a file in `folder` gives it, with "/" between folders.
 *
 * Refused: absolute names and drives, "..", links that lead out of the folder, and what is no regular file.
 */
export function confinedFile(folder: string, name: string): ConfinedFile {
  const parts = name.split(/[/\\]/);
  if (name === "" || name.includes("\0") || isAbsolute(name) || /^([/\\]|[a-z]:)/i.test(name)) {
    return { refusal: `${JSON.stringify(name)} is no relative file name` };
  }
  if (parts.includes("..")) {
    return { refusal: `${JSON.stringify(name)} leads out of the folder` };
  }
  try {
    const path = realpathSync(join(folder, ...name.split("/")));
    const inside = relative(realpathSync(folder), path);
    if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      return { refusal: `${JSON.stringify(name)} is a link that leads out of the folder` };
    }
    const status = statSync(path);
    return status.isFile()
      ? { path, size: status.size }
      : { refusal: `${JSON.stringify(name)} is no regular file` };
  } catch (cause) {
    return { refusal: `${JSON.stringify(name)} cannot be found`, cause };
  }
}
