// Logs a number of points to a run of its own in a folder, of the built library; tells the run's id at the end.
import { run } from "../../../dist/ml/track/index.js";

const [trackingUri, count] = process.argv.slice(2);
const id = await run({ trackingUri, experimentName: "shared" }, async (one) => {
  for (let step = 0; step < Number(count); step++) {
    one.logMetric("loss", step, { step });
    if (step % 50 === 0) await one.flush();
  }
  one.logParam("count", count);
  await one.logText(count, "count.txt");
  return one.info.runId;
});
process.stdout.write(`${id}\n`);
