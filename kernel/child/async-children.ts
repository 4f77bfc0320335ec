/** @file Knows which asynchronous child processes belong to which request, so that an interrupt stops the right ones. */
import { ChildProcess } from "node:child_process";
import { currentRequest } from "./cell-request.ts";
import type { CellRequest } from "./cell-request.ts";
import { flushOutput } from "./output.ts";

interface Started {
  readonly request: CellRequest;
  readonly slot: number;
}

const started = new Map<number, Started>();

/** Watches `spawn` and its like. `slots` shows the process ids to the control thread. */
export function watchChildProcesses(slots: Int32Array): void {
  // SAFETY: every asynchronous way to start a process goes through this method, in all Node versions.
  const prototype = ChildProcess.prototype as unknown as {
    spawn: (this: ChildProcess, options: unknown) => number;
  };
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    flushOutput();
    const result = spawn.call(this, options);
    const { pid } = this;
    if (pid !== undefined) {
      const slot = slots.indexOf(0);
      if (slot !== -1) slots[slot] = pid;
      started.set(pid, { request: currentRequest(), slot });
      this.once("exit", () => {
        started.delete(pid);
        if (slot !== -1) slots[slot] = 0;
      });
    }
    return result;
  };
}

/** The running processes that a request has started. */
export function childProcessesOf(request: CellRequest): readonly number[] {
  return [...started].filter(([, child]) => child.request === request).map(([pid]) => pid);
}
