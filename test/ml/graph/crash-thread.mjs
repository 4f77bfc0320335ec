// Preloaded into every thread: a runtime's own fails once the file that TENON_TEST_CRASH names is there.
import { existsSync, rmSync } from "node:fs";
import { isMainThread, workerData } from "node:worker_threads";

const file = process.env["TENON_TEST_CRASH"];
if (!isMainThread && workerData instanceof Int32Array)
  setInterval(() => {
    if (!existsSync(file)) return;
    rmSync(file);
    throw new Error("struck by lightning");
  }, 5);
