/**
 * @file A lock file beside a journal, taken and left as Optuna does, so that its processes and ours wait for each other.
 *
 * On POSIX the lock is a symbolic link to the journal (Optuna's JournalFileSymlinkLock), on Windows a file
 * (JournalFileOpenLock). A lock whose holder has died is removed when it has stood for the grace period.
 */
import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, open, rename, stat, symlink, unlink } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import * as v from "valibot";

const longestPause = 1000;
const errorSchema = v.object({ code: v.string() });

/**
 * Runs with the lock of a journal.
 * @param path the journal's path, absolute, so that others can follow the link
 * @param gracePeriod seconds
 */
export async function withFileLock<T>(path: string, gracePeriod: number, run: () => Promise<T>): Promise<T> {
  await acquire(path, gracePeriod);
  try {
    return await run();
  } finally {
    await release(path);
  }
}

async function acquire(path: string, gracePeriod: number): Promise<void> {
  const lock = `${path}.lock`;
  let pause = 1;
  let seen: string | undefined;
  let since = performance.now();
  while (!(await isTaken(path, lock))) {
    const changed = await stamp(lock);
    if (changed !== seen) {
      seen = changed;
      since = performance.now();
    }
    if (performance.now() - since > gracePeriod * 1000) {
      await release(path);
      pause = 1;
      since = performance.now();
    }
    await setTimeout(pause);
    pause = Math.min(2 * pause, longestPause);
  }
}

async function isTaken(path: string, lock: string): Promise<boolean> {
  try {
    if (process.platform === "win32") await (await open(lock, "wx")).close();
    else await symlink(path, lock);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    // Windows says so of a file that is about to vanish.
    if (process.platform === "win32" && codeOf(error) === "EPERM") return false;
    throw error;
  }
}

/**
 * What changes while others are at work: the lock's own time, and that of the journal that it leads to. A link that leads nowhere
 * (a relative one, made in another folder) has its own only.
 */
async function stamp(lock: string): Promise<string> {
  const time = async (stats: Promise<Stats>): Promise<number> => {
    try {
      return (await stats).mtimeMs;
    } catch {
      return 0;
    }
  };
  return `${await time(lstat(lock))} ${await time(stat(lock))}`;
}

/** By a rename first: of two that remove a dead lock at once, only one succeeds, and neither a lock that is taken anew. */
async function release(path: string): Promise<void> {
  const lock = `${path}.lock`;
  const aside = `${lock}${randomUUID()}.rename`;
  try {
    await rename(lock, aside);
    await unlink(aside);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

/** The code of a system's error, such as `EEXIST`; undefined for any other. */
function codeOf(error: unknown): string | undefined {
  const result = v.safeParse(errorSchema, error);
  return result.success ? result.output.code : undefined;
}
