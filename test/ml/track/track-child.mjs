// A process that logs until it is killed, or until its input ends: `loss` with the value and step n, n from 0 up. It tells the run's id,
// then each n up to which all is acknowledged, and at its end how many it has logged. Of the built library, for a fast start.
import { startRun } from "../../../dist/ml/track/index.js";

const [trackingUri, pace = "1"] = process.argv.slice(2);
const say = (text) => void process.stdout.write(`${text}\n`);

const ending = new AbortController();
process.stdin.on("end", () => ending.abort()).resume();
const run = await startRun({ trackingUri });
say(run.info.runId);
let step = 0;
const log = (count) => {
  for (let at = 0; at < count; at++) run.logMetric("loss", step, { step: step++ });
};
while (!ending.signal.aborted) {
  log(40);
  run.logParam(`p${step % 400}`, "value");
  run.setTag("last", step);
  // Now and then more than a batch at once.
  if (step % 1200 === 0) log(1500);
  await new Promise((resolve) => setTimeout(resolve, Number(pace)));
  if (step % 120 > 80) continue;
  await run.flush();
  say(`acknowledged ${step}`);
}
await run.end();
say(`ended ${step}`);
