/**
 * @file Writes a study to a journal: `journal-child.ts PATH NAME TRIALS`. Tells each trial that was acknowledged by a line of
 * `number value`.
 */
import { writeSync } from "node:fs";
import { float, journalStorage, optimize, randomSampler, space } from "../../../ml/tune/index.ts";

const [path = "", name = "", trials = ""] = process.argv.slice(2);
const told = new Set<number>();
const storage = journalStorage(path, { gracePeriod: 1 });
const tell = async (): Promise<void> => {
  const study = await storage.study(name);
  for (const { number, state, values, worker } of study?.trials ?? [])
    if (state === "complete" && worker.split(":")[2] === String(process.pid) && !told.has(number)) {
      told.add(number);
      writeSync(1, `${number} ${values[0]}\n`);
    }
};
await optimize(
  async ({ x }) => {
    await tell();
    return x;
  },
  { space: space({ x: float(0, 1) }), trials: Number(trials), storage, name, sampler: randomSampler() },
);
await tell();
