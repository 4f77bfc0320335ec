/** @file Metrics in Prometheus's text format, version 0.0.4. */
import type { MetricLabels, MetricSnapshot } from "./metrics.ts";

/** The media type of {@link metricsText}. */
export const metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * A snapshot as Prometheus reads it: for each name its help, its type and its series; of a histogram the cumulative counts by
 * upper bound, the sum and the count.
 */
export function metricsText(snapshot: readonly MetricSnapshot[]): string {
  let text = "";
  for (const { name, help, kind, series } of snapshot) {
    if (series.length === 0) continue;
    text += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`;
    for (const one of series)
      if ("value" in one) text += `${name}${labelText(one.labels)} ${numberText(one.value)}\n`;
      else {
        let total = 0;
        for (const [at, count] of one.counts.entries()) {
          total += count;
          const bound = one.bounds[at] ?? Infinity;
          text += `${name}_bucket${labelText({ ...one.labels, le: numberText(bound) })} ${total}\n`;
        }
        text += `${name}_sum${labelText(one.labels)} ${numberText(one.sum)}\n`;
        text += `${name}_count${labelText(one.labels)} ${total}\n`;
      }
  }
  return text;
}

function labelText(labels: MetricLabels): string {
  const pairs = Object.entries(labels);
  if (pairs.length === 0) return "";
  return `{${pairs.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(",")}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
