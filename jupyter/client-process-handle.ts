/** @file A process that runs a kernel: one that this process has started, or one that another has left running. */
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";

/** How a kernel process ended; both unknown for one that another process had started. */
export interface KernelExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessHandle {
  readonly pid: number | undefined;
  /** Resolves when the process has ended. */
  readonly exited: Promise<KernelExit>;
}

/** Milliseconds between looks at a process that is no child of this one. */
const lookInterval = 250;

/** A child of this process. */
export function childHandle(child: ChildProcess): ProcessHandle {
  const exited = new Promise<KernelExit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  return { pid: child.pid, exited };
}

/** A process that was started by another one. */
export function foreignHandle(pid: number): ProcessHandle {
  const exited = new Promise<KernelExit>((resolve) => {
    const timer = setInterval(() => {
      if (isRunning(pid)) return;
      clearInterval(timer);
      resolve({ code: null, signal: null });
    }, lookInterval).unref();
  });
  return { pid, exited };
}

/** True for a process that is there and has not ended. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  if (process.platform !== "linux") return true;
  try {
    // One that has ended stays until its parent asks how.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    // One that has just ended; a file that cannot be read now, with too many open, says nothing of the process.
    return !(
      error instanceof Error &&
      "code" in error &&
      (error.code === "ENOENT" || error.code === "ESRCH")
    );
  }
}
