/** @file The processes of a running kernel, found through /proc. */
import { readFileSync } from "node:fs";
import { openHandles, processMemory, processTree, threadCount } from "../support/process-memory.ts";

export interface KernelProcesses {
  readonly parent: number;
  readonly child: number | undefined;
  /** The native TypeScript compiler. */
  readonly checker: number | undefined;
}

export function kernelProcesses(parent: number): KernelProcesses {
  const tree = processTree(parent).slice(1);
  const find = (pattern: RegExp): number | undefined => tree.find((pid) => pattern.test(commandLine(pid)));
  return { parent, child: find(/kernel\/child\.cjs/), checker: find(/typescript/) };
}

/** Whether the process runs; one that has ended but was not waited for does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** What a process holds. Memory in MiB is what is its own and written to. */
export interface Holdings {
  readonly memory: number;
  readonly handles: number;
  readonly threads: number;
}

export function holdings(pid: number): Holdings {
  return {
    memory: processMemory(pid, "Private_Dirty"),
    handles: openHandles(pid),
    threads: threadCount(pid),
  };
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
