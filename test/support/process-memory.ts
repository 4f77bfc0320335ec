/** @file The memory and the open files of a process with all its descendants, from Linux's /proc. */
import { readFileSync, readdirSync } from "node:fs";

/** Memory in MiB. */
export interface TreeMemory {
  /** Resident memory added up; pages that processes share count once for each. */
  readonly rss: number;
  /** Proportional set size: shared pages count once. */
  readonly pss: number;
  readonly processes: number;
}

/** The process and its descendants, the oldest first. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

export function treeMemory(root: number): TreeMemory {
  let rss = 0;
  let pss = 0;
  const tree = processTree(root);
  for (const pid of tree) {
    rss += processMemory(pid, "Rss");
    pss += processMemory(pid, "Pss");
  }
  return { rss, pss, processes: tree.length };
}

/** One process's memory in MiB; 0 where it has ended. */
export function processMemory(pid: number, kind: "Rss" | "Pss" | "Private_Dirty"): number {
  const match = new RegExp(`^${kind}:\\s+(\\d+) kB`, "m").exec(read(`/proc/${pid}/smaps_rollup`));
  return Number(match?.[1] ?? 0) / 1024;
}

/** How many files, sockets and pipes a process has open. */
export function openHandles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** How many threads a process has. */
export function threadCount(pid: number): number {
  return Number(/^Threads:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function parentOf(pid: number): number | undefined {
  // The name in parentheses may hold spaces and parentheses itself.
  const stat = read(`/proc/${pid}/stat`);
  const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  return parent === undefined ? undefined : Number(parent);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
