/** @file Output written before a child process comes before the process's own: it is sent when the process starts. */
import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import { flushOutput } from "./output.ts";

/** Wraps the synchronous ways to start a process; see async-children.ts for the others. */
export function flushBeforeSyncProcesses(): void {
  childProcess.spawnSync = flushingFirst(childProcess.spawnSync);
  childProcess.execSync = flushingFirst(childProcess.execSync);
  childProcess.execFileSync = flushingFirst(childProcess.execFileSync);
  syncBuiltinESMExports();
}

function flushingFirst<T extends (...args: never[]) => unknown>(original: T): T {
  return new Proxy(original, {
    apply: (target, self, args) => {
      flushOutput();
      return Reflect.apply(target, self, args);
    },
  });
}
