/** @file Trials of a reference, put into a storage. */
import * as v from "valibot";
import type { Distribution } from "../../../ml/tune/index.ts";
import { parseDistribution } from "../../../ml/tune/journal/distribution-json.ts";
import type { StudyRecord } from "../../../ml/tune/journal/journal-state.ts";
import { memoryStorage } from "../../../ml/tune/storage.ts";
import type { StudyStorage } from "../../../ml/tune/index.ts";
import { readReference } from "../reference.ts";

const { distributions } = readReference("tuning", v.object({ distributions: v.array(v.string()) }));

/** A distribution by its place among the reference's. */
export function distributionAt(place: number): Distribution {
  return parseDistribution(distributions[place] ?? "");
}

/** A trial as the references hold it. */
export const storedTrialSchema = v.object({
  state: v.picklist(["complete", "pruned", "running"]),
  value: v.nullable(v.number()),
  parameters: v.array(v.tuple([v.string(), v.number(), v.number()])),
  reports: v.array(v.tuple([v.number(), v.number()])),
});

/** A study in memory that has these trials. */
export async function storeTrials(
  direction: "minimize" | "maximize",
  trials: readonly v.InferOutput<typeof storedTrialSchema>[],
): Promise<{ readonly storage: StudyStorage; readonly record: StudyRecord }> {
  const storage = memoryStorage();
  const record = await storage.openStudy("study", direction);
  for (const { state, value, parameters, reports } of trials) {
    const trial = await storage.createTrial(record);
    await storage.setParameters(
      trial,
      parameters.map(([name, place, internal]) => ({ name, distribution: distributionAt(place), internal })),
    );
    for (const [step, reported] of reports) await storage.report(trial, step, reported);
    if (state !== "running") await storage.finishTrial(trial, state, value ?? undefined);
  }
  return { storage, record };
}
