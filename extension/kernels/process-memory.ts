/**
 * @file The memory of a process and of all that it started, in bytes.
 *
 * Linux counts what processes share once. macOS and Windows tell each one's resident memory only; neither of these two
 * was tried here.
 */
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { promisify } from "node:util";

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly bytes: number;
}

/** The memory of a process tree; undefined where the process is gone. */
export async function processTreeMemory(pid: number): Promise<number | undefined> {
  try {
    return process.platform === "linux" ? await linuxTree(pid) : treeOf(pid, await processTable());
  } catch {
    return undefined;
  }
}

async function linuxTree(pid: number): Promise<number> {
  const own = await proportionalMemory(pid);
  const children = await linuxChildren(pid);
  // A child may end while it is looked at.
  const sizes = await Promise.all(children.map(async (child) => await linuxTree(child).catch(() => 0)));
  return sizes.reduce((sum, size) => sum + size, own);
}

async function proportionalMemory(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
}

async function linuxChildren(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map(
      async (thread) => await readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => ""),
    ),
  );
  return lists.flatMap((list) => list.split(" ").filter((part) => part !== "")).map(Number);
}

async function processTable(): Promise<readonly ProcessRow[]> {
  const run = promisify(execFile);
  if (process.platform === "win32") {
    const query =
      'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $($_.WorkingSetSize)" }';
    const { stdout } = await run("powershell.exe", ["-NoProfile", "-Command", query], { windowsHide: true });
    return rowsOf(stdout, 1);
  }
  const { stdout } = await run("ps", ["-axo", "pid=,ppid=,rss="]);
  return rowsOf(stdout, 1024);
}

function rowsOf(text: string, unit: number): readonly ProcessRow[] {
  return text.split("\n").flatMap((line) => {
    const [pid, parent, size] = line.trim().split(/\s+/).map(Number);
    if (pid === undefined || parent === undefined || size === undefined || Number.isNaN(size)) return [];
    return [{ pid, parent, bytes: size * unit }];
  });
}

function treeOf(pid: number, table: readonly ProcessRow[]): number | undefined {
  const own = table.find((row) => row.pid === pid);
  if (own === undefined) return undefined;
  const children = table.filter((row) => row.parent === pid && row.pid !== pid);
  return children.reduce((sum, child) => sum + (treeOf(child.pid, table) ?? 0), own.bytes);
}
