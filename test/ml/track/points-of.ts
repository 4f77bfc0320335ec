/** @file What has arrived of what was logged, read through the API of a server. */
import { getMetricHistory } from "../../../ml/track/index.ts";

/** The steps of a metric's points, in order. */
export async function stepsOf(runId: string, key: string, trackingUri?: string): Promise<readonly number[]> {
  const points = await getMetricHistory(runId, key, trackingUri === undefined ? {} : { trackingUri });
  return points.map(({ step }) => step).toSorted((a, b) => a - b);
}

/** Whole numbers from 0 up to one. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => at);
}
