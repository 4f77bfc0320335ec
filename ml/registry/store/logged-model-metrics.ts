/** @file Points that measure a logged model. */
import { type Metric, storedValue } from "./metric.ts";
import type { Store } from "./store.ts";

/** Logs those of the points that name a model. */
export async function logModelMetrics(
  store: Store,
  runId: string,
  metrics: readonly Metric[],
): Promise<void> {
  for (const metric of metrics) {
    if (metric.modelId === undefined) continue;
    const [value] = storedValue(metric.value);
    await store.database.run(
      `INSERT INTO logged_model_metrics
        (model_id, run_id, key, timestamp, step, value, dataset_name, dataset_digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      metric.modelId,
      runId,
      metric.key,
      metric.timestamp,
      metric.step,
      value,
      metric.datasetName ?? null,
      metric.datasetDigest ?? null,
    );
  }
}
