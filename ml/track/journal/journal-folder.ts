/**
 * @file Where journals are, and whose. A journal's name says which process writes it; one whose process is gone may be claimed by any
 * other, by a rename that only one of them can win.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import type { TrackingLocation } from "../tracking-uri.ts";

/** How long a journal of another machine, on a disk that both have, must have been left alone before it is claimed. */
const leftAlone = 24 * 60 * 60 * 1000;

/** The folder of the journals of a store: in its own folder, or in the user's where the store is a server. */
export function journalFolder(location: TrackingLocation): string {
  if (location.kind === "folder") return join(location.folder, "journals");
  const digest = createHash("sha256").update(location.name).digest("hex").slice(0, 16);
  return join(stateFolder(), "journals", digest);
}

function stateFolder(): string {
  const { env } = process;
  if (process.platform === "win32")
    return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "tenon");
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "tenon");
  return join(env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "tenon");
}

/** A path for a new journal of this process; the folder is made. */
export async function newJournalPath(folder: string, runId: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return join(folder, `${runId}.${randomBytes(4).toString("hex")}.${ownMark}.journal`);
}

const namePattern =
  /^(?<run>[\w-]+)\.(?<unique>[0-9a-f]{8})\.(?<pid>\d+)-(?<start>\d+)-(?<host>[0-9a-f]{8})\.journal$/;

const ownHost = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
const ownMark = `${process.pid}-${startOf(process.pid) ?? 0}-${ownHost}`;

/** A journal in a folder. */
export interface FoundJournal {
  readonly path: string;
  readonly runId: string;
  /** Whether the process that writes it runs. */
  readonly isAlive: boolean;
}

/** The journals of a folder. */
export async function findJournals(folder: string): Promise<readonly FoundJournal[]> {
  const names = await readdir(folder).catch(() => []);
  const found: FoundJournal[] = [];
  for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
    const groups = namePattern.exec(name)?.groups;
    if (!groups) continue;
    const path = join(folder, name);
    const isAlive =
      groups["host"] === ownHost
        ? isRunning(Number(groups["pid"]), Number(groups["start"]))
        : await isRecent(path);
    found.push({ path, runId: groups["run"] ?? "", isAlive });
  }
  return found;
}

/** Takes over a journal whose process is gone; nothing where another was quicker. */
export async function claimJournal({ path, runId }: FoundJournal): Promise<string | undefined> {
  const claimed = join(path, "..", `${runId}.${randomBytes(4).toString("hex")}.${ownMark}.journal`);
  try {
    await rename(path, claimed);
    return claimed;
  } catch {
    return undefined;
  }
}

async function isRecent(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs < leftAlone;
}

function isRunning(pid: number, start: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It runs, and belongs to another user.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  // A later process may have the number of one that is gone.
  return start === 0 || startOf(pid) === start;
}

/** When a process started, in the kernel's ticks; nothing where the platform doesn't tell, or the process is gone. */
function startOf(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name may hold spaces and brackets; the fields after it don't.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    // Ended, but not yet asked about by its parent.
    if (fields[0] === "Z") return undefined;
    return Number(fields[19]);
  } catch {
    return undefined;
  }
}
