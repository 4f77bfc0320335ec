// Logs to a store in a folder whose disk fills, frees it, and logs on. Of the built library. Tells what each step came to, as JSON.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getMetricHistory, getRun, startRun } from "../../../dist/ml/track/index.js";

const [disk] = process.argv.slice(2);
const trackingUri = join(disk, "store");
const warnings = [];
process.on("warning", ({ message }) => warnings.push(message));
const run = await startRun({ trackingUri });
run.logMetric("loss", 0, { step: 0 });
const before = await run.flush();
const filler = join(disk, "filler");
try {
  for (let size = 1 << 20; size >= 1; size >>= 1)
    for (let count = 0; ; count++) {
      try {
        writeFileSync(filler, Buffer.alloc(size), { flag: "a" });
      } catch {
        break;
      }
      if (count > 64) throw new Error("the disk doesn't fill");
    }
} catch (error) {
  process.stdout.write(`${JSON.stringify({ failed: error.message })}\n`);
  process.exit(1);
}
for (let step = 1; step <= 5000; step++) run.logMetric("loss", step, { step });
const full = await run.flush().then(
  ({ waiting }) => ({ waiting }),
  (error) => ({ name: error.name, message: error.message }),
);
const artifact = await run.logText("x".repeat(100_000), "a.txt").then(
  () => "written",
  (error) => error.message,
);
rmSync(filler);
const after = await run.end();
const steps = (await getMetricHistory(run.info.runId, "loss", { trackingUri })).map(({ step }) => step);
const { status } = (await getRun(run.info.runId, { trackingUri })).info;
process.stdout.write(
  `${JSON.stringify({ before, full, artifact, after, points: new Set(steps).size, doubled: steps.length - new Set(steps).size, status, warnings: warnings.length })}\n`,
);
