/** @file What differs so much between two tables that a person should look. */
import { countText, percent, plural } from "../profile/number-texts.ts";
import type {
  ComparedColumn,
  ComparisonData,
  ComparisonFinding,
  KeyOverlap,
  SchemaDifferences,
} from "./comparison-data.ts";

const shifted = 0.25;
const moved = 0.1;
const missingShift = 0.05;
const shownValues = 5;

/** The findings, gravest first. */
export function findDifferences(
  names: ComparisonData["names"],
  schema: SchemaDifferences,
  columns: readonly ComparedColumn[],
  overlap: KeyOverlap | undefined,
): ComparisonFinding[] {
  const found: ComparisonFinding[] = [
    ...schema.onlyA.map(({ name }) => finding("column-missing", "warning", name, `is not in ${names[1]}.`)),
    ...schema.onlyB.map(({ name }) => finding("column-new", "note", name, `is in ${names[1]} only.`)),
    ...schema.typeChanges.map(({ name, a, b }) =>
      finding("type-changed", "warning", name, `is ${a} in ${names[0]}, and ${b} in ${names[1]}.`),
    ),
    ...columns.flatMap((column) => columnFindings(column, names)),
    ...(overlap === undefined ? [] : repeatedKeys(overlap, names)),
  ];
  return [
    ...found.filter(({ severity }) => severity === "warning"),
    ...found.filter(({ severity }) => severity === "note"),
  ];
}

function columnFindings(
  { name, a, b, distribution }: ComparedColumn,
  names: ComparisonData["names"],
): ComparisonFinding[] {
  const found: ComparisonFinding[] = [];
  if (distribution !== undefined && distribution.psi >= moved) {
    const isLarge = distribution.psi >= shifted;
    const size = isLarge ? "is distributed otherwise" : "has moved somewhat";
    found.push(
      finding(
        "distribution-shifted",
        isLarge ? "warning" : "note",
        name,
        `${size} (PSI ${distribution.psi.toFixed(2)}).`,
      ),
    );
  }
  const [before, after] = [a.missing / Math.max(1, a.rows), b.missing / Math.max(1, b.rows)];
  if (Math.abs(after - before) >= missingShift)
    found.push(
      finding(
        "missing-changed",
        "warning",
        name,
        `is missing in ${percent(before)} of ${names[0]}, and in ${percent(after)} of ${names[1]}.`,
      ),
    );
  if (distribution?.kind === "category") {
    const fresh = distribution.levels.filter((_, at) => distribution.a[at] === 0);
    if (fresh.length > 0) {
      const shown = fresh.slice(0, shownValues).map((value) => JSON.stringify(value));
      const more = fresh.length > shown.length ? ` and ${fresh.length - shown.length} more` : "";
      found.push(
        finding(
          "new-values",
          "note",
          name,
          `has ${plural(fresh.length, "value")} in ${names[1]} only: ${shown.join(", ")}${more}.`,
        ),
      );
    }
  }
  return found;
}

function repeatedKeys(
  { key, repeatedA, repeatedB }: KeyOverlap,
  names: ComparisonData["names"],
): ComparisonFinding[] {
  return ([repeatedA, repeatedB] as const).flatMap((count, at) =>
    count === 0
      ? []
      : [
          finding(
            "key-repeated",
            "warning",
            key.join(", "),
            `is no key of ${names[at] ?? ""}: ${countText(count)} occur more than once.`,
          ),
        ],
  );
}

function finding(
  code: ComparisonFinding["code"],
  severity: ComparisonFinding["severity"],
  column: string,
  message: string,
): ComparisonFinding {
  return { code, severity, column, message };
}
