/** @file The models that old clients log to a run, kept in a tag of it. */
import * as v from "valibot";
import { invalidParameter } from "../mlflow-error.ts";
import { findActiveRun, setTags } from "./runs.ts";
import type { Store } from "./store.ts";

const historyTag = "mlflow.log-model.history";
const mandatory = ["artifact_path", "flavors", "utc_time_created", "run_id"] as const;
const modelSchema = v.record(v.string(), v.unknown());

/** Adds a model's description, which is the content of its `MLmodel`, to the run's tag. */
export async function recordLoggedModel(store: Store, runId: string, input: unknown): Promise<void> {
  const parsed = v.safeParse(modelSchema, input);
  const model = parsed.success ? parsed.output : {};
  const lacking = mandatory.filter((field) => !(field in model)).map((field) => `'${field}'`);
  if (lacking.length > 0)
    throw invalidParameter(`Model json is missing mandatory fields: {${lacking.join(", ")}}`);
  const { database } = store;
  await database.write(async () => {
    const { runNo } = await findActiveRun(store, runId);
    await database.row(`SELECT 1 FROM runs WHERE run_no = ? ${database.dialect.forUpdate}`, runNo);
    const [old] = await database.texts(
      "SELECT value FROM run_tags WHERE run_no = ? AND key = ?",
      runNo,
      historyTag,
    );
    const before = old === undefined ? [] : v.parse(v.array(v.unknown()), JSON.parse(old));
    // Whole, however long: what is cut is no JSON.
    await setTags(store, runNo, [{ key: historyTag, value: JSON.stringify([...before, model]) }]);
  });
}
