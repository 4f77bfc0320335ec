/** @file The metrics of several processes as those of one. */
import { type MetricSnapshot, seriesKey, type SeriesSnapshot } from "./metrics.ts";

/**
 * One snapshot of several: counters and histograms are summed, gauges summed or their greatest taken, as each says. Series
 * that not all have are taken as they are; so are histograms whose bounds differ from the first's, which are left out.
 */
export function mergeMetrics(snapshots: Iterable<readonly MetricSnapshot[]>): MetricSnapshot[] {
  const families = new Map<
    string,
    { readonly first: MetricSnapshot; readonly series: Map<string, SeriesSnapshot> }
  >();
  for (const snapshot of snapshots)
    for (const family of snapshot) {
      let merged = families.get(family.name);
      if (!merged) families.set(family.name, (merged = { first: family, series: new Map() }));
      for (const series of family.series) {
        const key = seriesKey(series.labels);
        const before = merged.series.get(key);
        merged.series.set(key, before ? mergeSeries(before, series, merged.first) : series);
      }
    }
  return Array.from(families.values(), ({ first, series }) => ({ ...first, series: [...series.values()] }));
}

function mergeSeries(
  first: SeriesSnapshot,
  second: SeriesSnapshot,
  { kind, merge }: MetricSnapshot,
): SeriesSnapshot {
  if ("value" in first) {
    if (!("value" in second)) return first;
    const isGreatest = kind === "gauge" && merge === "max";
    const value = isGreatest ? Math.max(first.value, second.value) : first.value + second.value;
    return { labels: first.labels, value };
  }
  if ("value" in second || first.bounds.some((bound, at) => bound !== second.bounds[at])) return first;
  return {
    labels: first.labels,
    bounds: first.bounds,
    counts: first.counts.map((count, at) => count + (second.counts[at] ?? 0)),
    sum: first.sum + second.sum,
  };
}
