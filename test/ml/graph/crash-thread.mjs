// Preloaded into every thread: all but the main one fail when they are asked for a run that ends long after.
import { isMainThread, parentPort } from "node:worker_threads";

if (!isMainThread)
  parentPort?.on("message", ({ request }) => {
    if (request?.kind === "run" && ++runs === 2)
      setImmediate(() => {
        throw new Error("struck by lightning");
      });
  });
let runs = 0;
