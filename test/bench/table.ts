/** @file The text table of a benchmark: a line for each case, a column for each kernel. */
import { type CaseMeasurements, type Summary, ratioOf, summarize } from "./bench-row.ts";

/** Formats the measurements; `ours` is the kernel that ratios relate to. */
export function formatTable(measurements: readonly CaseMeasurements[], ours: string): string {
  const peers = [...new Set(measurements.flatMap(({ byPeer }) => [...byPeer.keys()]))];
  const header = ["case", "unit", ...peers];
  const notes: string[] = [];
  const lines = measurements.map(({ case: measured, byPeer }) => {
    const own = summarize(byPeer.get(ours) ?? []).median;
    const cells = peers.map((peer) => {
      const rounds = byPeer.get(peer);
      if (rounds === undefined) return "";
      const summary = summarize(rounds);
      const failure = summary.failures[0];
      if (failure !== undefined) notes.push(`${measured.name}, ${peer}: ${failure}`);
      const ratio = peer === ours ? null : ratioOf(measured, own, summary.median);
      return `${formatSummary(summary)}${ratio === null ? "" : ` ×${formatNumber(ratio)}`}`;
    });
    return [measured.name, measured.unit, ...cells];
  });
  const widths = header.map((_, column) =>
    Math.max(...[header, ...lines].map((line) => line[column]?.length ?? 0)),
  );
  const format = (line: readonly string[]): string =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [
    format(header),
    widths.map((width) => "-".repeat(width)).join("  "),
    ...lines.map(format),
    "",
    `Medians over rounds (lowest-highest); × is how many times better ${ours} is.`,
    ...[...new Set(notes)].map((note) => `! ${note}`),
  ].join("\n");
}

function formatSummary({ median, low, high, failures }: Summary): string {
  if (median === null) return failures.length === 0 ? "-" : "failed";
  const spread = low === high ? "" : ` (${formatNumber(low ?? median)}-${formatNumber(high ?? median)})`;
  return `${formatNumber(median)}${spread}${failures.length === 0 ? "" : ` ${failures.length} failed`}`;
}

function formatNumber(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
