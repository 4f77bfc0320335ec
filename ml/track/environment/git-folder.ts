/**
 * @file Whether a working copy's repository is its own.
 *
 * Links and settings in a folder from elsewhere could lead to another repository of this machine, and a diff would then show that one's
 * files. A `.git` of a linked working copy or submodule is believed where the repository that it names names it too.
 */
import { existsSync, lstatSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

/** The working copy that a folder is in, by its `.git`, as Git would find it without any setting; undefined where there is none. */
export function workingCopyOf(folder: string): string | undefined {
  for (let at = realPath(folder); ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/**
 * Whether what Git says of a working copy is of a repository that belongs to it. `branch` is the one that is checked out, `worktree` what
 * the setting `core.worktree` says.
 */
export function isOwnRepository(
  workingCopy: string,
  branch: string | undefined,
  worktree: string | undefined,
): boolean {
  const place = join(workingCopy, ".git");
  try {
    const stats = lstatSync(place);
    if (stats.isDirectory()) return isSelfContained(place, branch);
    return stats.isFile() && isNamedBack(place, worktree);
  } catch {
    return false;
  }
}

/** A path without links in it. */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return resolve(path);
  }
}

function isSelfContained(folder: string, branch: string | undefined): boolean {
  if (existsSync(join(folder, "commondir"))) return false;
  const inside = realPath(folder) + sep;
  const names = ["HEAD", "config", "index", "objects", "packed-refs", "refs", "refs/heads", "reftable"];
  return [...names, ...(branch === undefined ? [] : [`refs/heads/${branch}`])].every((name) => {
    const path = join(folder, name);
    return lstatSync(path, { throwIfNoEntry: false }) === undefined || realPath(path).startsWith(inside);
  });
}

/** The file says `gitdir: PATH`; there a linked working copy's own `.git` is named in `gitdir`, a submodule's by `core.worktree`. */
function isNamedBack(file: string, worktree: string | undefined): boolean {
  const [, named] = /^gitdir: (.+?)\s*$/.exec(readFileSync(file, "utf8").slice(0, 8_192)) ?? [];
  if (named === undefined) return false;
  const folder = resolve(dirname(file), named);
  const back = join(folder, "gitdir");
  if (existsSync(back))
    return realPath(resolve(folder, readFileSync(back, "utf8").trim())) === realPath(file);
  return worktree !== undefined && realPath(resolve(folder, worktree)) === realPath(dirname(file));
}
