/** @file The models that old clients log to a run, kept in a tag of it. */
import * as v from "valibot";
import { invalidParameter } from "../mlflow-error.ts";
import { checkedTag } from "../limits.ts";
import { findActiveRun, setTags } from "./runs.ts";
import type { Store } from "./store.ts";

const historyTag = "mlflow.log-model.history";
const mandatory = ["artifact_path", "flavors", "utc_time_created", "run_id"] as const;
const modelSchema = v.record(v.string(), v.unknown());

/** Adds a model's description, which is the content of its `MLmodel`, to the run's tag. */
export function recordLoggedModel(store: Store, runId: string, input: unknown): void {
  const parsed = v.safeParse(modelSchema, input);
  const model = parsed.success ? parsed.output : {};
  const lacking = mandatory.filter((field) => !(field in model)).map((field) => `'${field}'`);
  if (lacking.length > 0)
    throw invalidParameter(`Model json is missing mandatory fields: {${lacking.join(", ")}}`);
  const { database } = store;
  database.write(() => {
    const { runNo } = findActiveRun(store, runId);
    const [old] = database.texts(
      "SELECT value FROM run_tags WHERE run_no = ? AND key = ?",
      runNo,
      historyTag,
    );
    const before = old === undefined ? [] : v.parse(v.array(v.unknown()), JSON.parse(old));
    setTags(store, runNo, [checkedTag({ key: historyTag, value: JSON.stringify([...before, model]) })]);
  });
}
