/** @file The words of comparisons, for pages, notebooks and terminals. */
import { countText, percent, plural, shortNumber, shortPercent } from "../profile/number-texts.ts";
import type { ComparedColumn, ColumnSide, ComparisonData } from "./comparison-data.ts";

/** How far a distribution has moved, by the usual thresholds of the population stability index. */
export function verdict({ distribution }: ComparedColumn): "stable" | "moved" | "shifted" | "" {
  if (distribution === undefined) return "";
  if (distribution.psi < 0.1) return "stable";
  return distribution.psi < 0.25 ? "moved" : "shifted";
}

/** What both tables are, in a few words each. */
export function headlineParts({ names, rows, columns, overlap, findings }: ComparisonData): string[] {
  const warnings = findings.filter(({ severity }) => severity === "warning").length;
  return [
    `${names[0]}: ${plural(rows[0], "row")}`,
    `${names[1]}: ${plural(rows[1], "row")}`,
    plural(columns.length, "common column"),
    ...(overlap === undefined
      ? []
      : [`${countText(overlap.both)} common keys, ${plural(overlap.changedRows, "changed row")}`]),
    plural(warnings, "warning"),
  ];
}

/** A column on both sides, in a few words. */
export function sidesText(column: ComparedColumn): readonly [string, string] {
  return [sideText(column, "a"), sideText(column, "b")];
}

function sideText({ distribution, a, b }: ComparedColumn, of: "a" | "b"): string {
  const side = of === "a" ? a : b;
  const gaps = side.missing > 0 ? `, ${shortPercent(side.missing / Math.max(1, side.rows))} missing` : "";
  return `${valuesText(side, distribution, of)}${gaps}`;
}

function valuesText(side: ColumnSide, distribution: ComparedColumn["distribution"], of: "a" | "b"): string {
  if (side.mean !== null) {
    if (side.standardDeviation === 0) return `always ${shortNumber(side.mean)}`;
    const spread = side.standardDeviation === null ? "" : ` ± ${shortNumber(side.standardDeviation)}`;
    return `${shortNumber(side.mean)}${spread}`;
  }
  if (side.min !== null && side.max !== null)
    return `${String(side.min).slice(0, 10)} – ${String(side.max).slice(0, 10)}`;
  if (distribution?.kind === "category") {
    const counts = distribution[of];
    const most = counts.indexOf(Math.max(...counts));
    const total = counts.reduce((sum, count) => sum + count, 0);
    return `${String(distribution.levels[most] ?? "")} ${percent((counts[most] ?? 0) / Math.max(1, total))}`;
  }
  return side.distinct.approximate
    ? `≈ ${countText(side.distinct.count)} values`
    : plural(side.distinct.count, "value");
}
