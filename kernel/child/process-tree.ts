/** @file Finds and stops processes that user code has started. */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** Every process below `root`, children before grandchildren, with their parents. */
function processTable(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  const add = (pid: number, parent: number): void => {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  };
  if (process.platform === "linux") {
    for (const name of readdirSync("/proc")) {
      const pid = Number(name);
      if (!Number.isInteger(pid)) continue;
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        // The command in parentheses may hold anything; the parent is the second field behind it.
        add(pid, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
      } catch {
        // It ended meanwhile.
      }
    }
  } else if (process.platform !== "win32") {
    for (const line of execFileSync("ps", ["-axo", "pid=,ppid="], { encoding: "utf8" }).split("\n")) {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      if (pid !== undefined && parent !== undefined) add(pid, parent);
    }
  }
  return children;
}

/** The direct children of a process. */
export function childrenOf(pid: number): readonly number[] {
  return processTable().get(pid) ?? [];
}

/** Stops processes and all that they started: politely, then for certain. */
export function killTrees(roots: readonly number[]): void {
  if (roots.length === 0) return;
  const table = processTable();
  const all: number[] = [];
  const collect = (pid: number): void => {
    all.push(pid);
    for (const child of table.get(pid) ?? []) collect(child);
  };
  roots.forEach(collect);
  for (const pid of all) signal(pid, "SIGTERM");
  setTimeout(() => {
    for (const pid of all) signal(pid, "SIGKILL");
  }, 200).unref();
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}
