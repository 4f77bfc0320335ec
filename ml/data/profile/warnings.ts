/** @file What a person should look at before a model is made of the table. */
import type {
  Associations,
  ColumnProfile,
  NumberStatistics,
  ProfileData,
  ProfileWarning,
  TextStatistics,
} from "./profile-data.ts";
import { countText, percent, plural } from "./number-texts.ts";

type Finding = Omit<ProfileWarning, "columns">;

const mostlyMissing = 0.5;
const highCardinality = 0.5;
const imbalanced = 0.95;
const skewed = 3;
const manyZeros = 0.5;
const manyOutliers = 0.05;
const readsAs = 0.8;
const highCorrelation = 0.95;
/** Numbers that often stand for "unknown". */
const placeholders = new Set([-1, -9, -99, -999, -9999, 99, 999, 9999, 99999, 999999]);

/** Texts that often stand for it. */
const placeholderText = /^(?:n\.?\/?a\.?|nan|null|none|nil|missing|unknown|undefined|\?+|-+|\.+|#n\/a)$/i;

/** The warnings of a profile, gravest first. */
export function findWarnings(
  profile: Omit<ProfileData, "warnings" | "format" | "version">,
): ProfileWarning[] {
  const { rows, duplicateRows, columns, associations } = profile;
  if (rows === 0)
    return [{ code: "no-rows", severity: "warning", columns: [], message: "The table has no rows." }];
  const duplicates: ProfileWarning[] =
    duplicateRows === 0
      ? []
      : [
          {
            code: "duplicate-rows",
            severity: "warning",
            columns: [],
            message: `${countText(duplicateRows)} of ${countText(rows)} rows (${percent(duplicateRows / rows)}) repeat another row.`,
          },
        ];
  const all = [
    ...duplicates,
    ...columns.flatMap((column) =>
      columnFindings(column, rows).map(({ code, severity, message }) => ({
        code,
        severity,
        columns: [column.name],
        message,
      })),
    ),
    ...highCorrelations(associations),
  ];
  return [
    ...all.filter(({ severity }) => severity === "warning"),
    ...all.filter(({ severity }) => severity === "note"),
  ];
}

function columnFindings(column: ColumnProfile, rows: number): Finding[] {
  const { missing, distinct, number, text } = column;
  const present = rows - missing;
  if (present === 0) return [finding("all-missing", "warning", "has no value in any row.")];
  const findings: Finding[] = [];
  if (missing / rows >= mostlyMissing)
    findings.push(
      finding("mostly-missing", "warning", `is missing in ${percent(missing / rows)} of the rows.`),
    );
  if (distinct.count <= 1)
    return [...findings, finding("constant", "warning", `has one value only: ${shown(column)}.`)];
  return [
    ...findings,
    ...cardinality(column, present),
    ...(number === undefined ? [] : numberFindings(column, number, present)),
    ...(text === undefined ? [] : textFindings(column, text, present)),
  ];
}

function cardinality({ kind, distinct, top }: ColumnProfile, present: number): Finding[] {
  const share = (top.values[0]?.count ?? 0) / present;
  const isKey = kind === "text" || kind === "category" || kind === "other";
  if (isKey && present > 1 && distinct.count >= present * (distinct.approximate ? 0.97 : 1)) {
    const about = distinct.approximate ? "in nearly every row, by an estimate" : "in each row";
    return [finding("unique", "note", `has another value ${about}: an identifier, not a feature.`)];
  }
  if (kind === "text" && distinct.count > 50 && distinct.count / present > highCardinality)
    return [finding("high-cardinality", "note", `has ${countText(distinct.count)} different values.`)];
  if (kind !== "number" && share >= imbalanced)
    return [
      finding(
        "imbalanced",
        "note",
        `is ${JSON.stringify(top.values[0]?.value)} in ${percent(share)} of its values.`,
      ),
    ];
  return [];
}

function numberFindings(
  { type, distinct, top }: ColumnProfile,
  number: NumberStatistics,
  present: number,
): Finding[] {
  const findings: Finding[] = [];
  const isInteger = /INT/.test(type);
  if (isInteger && !distinct.approximate && distinct.count === present && present > 1)
    findings.push(
      finding("unique", "note", "has another value in each row: an identifier, perhaps, not a feature."),
    );
  if (number.infinite > 0)
    findings.push(
      finding(
        "infinite",
        "warning",
        `is infinite in ${plural(number.infinite, "row")}; its statistics leave them out.`,
      ),
    );
  const placeholder = suspicious(number, top.values, present);
  if (placeholder !== undefined)
    findings.push(
      finding(
        "suspicious-value",
        "warning",
        `has its extreme value ${placeholder} in many rows: does it stand for "unknown"?`,
      ),
    );
  if (number.skewness !== null && Math.abs(number.skewness) >= skewed)
    findings.push(
      finding(
        "skewed",
        "note",
        `is skewed (${number.skewness.toFixed(1)}): consider its logarithm or ranks.`,
      ),
    );
  if (number.zeros / present >= manyZeros && distinct.count > 2)
    findings.push(finding("zeros", "note", `is zero in ${percent(number.zeros / present)} of its values.`));
  if (number.outliers / present >= manyOutliers)
    findings.push(
      finding(
        "outliers",
        "note",
        `has ${percent(number.outliers / present)} of its values beyond 1.5 interquartile ranges from the quartiles.`,
      ),
    );
  return findings;
}

/** A placeholder that is the least or greatest value, occurs often, and lies far from the other values. */
function suspicious(
  number: NumberStatistics,
  top: ColumnProfile["top"]["values"],
  present: number,
): number | undefined {
  const at = (point: number): number => number.quantiles.find(({ q }) => q === point)?.value ?? 0;
  const range = at(0.75) - at(0.25);
  for (const { value, count } of top) {
    if (typeof value !== "number" || !placeholders.has(value) || count / present < 0.001 || count < 2)
      continue;
    if (value !== number.min && value !== number.max) continue;
    if (value < at(0.25) - 1.5 * range || value > at(0.75) + 1.5 * range) return value;
  }
  return undefined;
}

function textFindings({ top }: ColumnProfile, text: TextStatistics, present: number): Finding[] {
  const findings: Finding[] = [];
  for (const { value, count } of top.values.filter((each) => placeholderText.test(String(each.value)))) {
    const what = `is ${JSON.stringify(value)} in ${plural(count, "row")}: does it stand for a missing value?`;
    findings.push(finding("suspicious-value", "warning", what));
  }

  if (text.numeric >= readsAs)
    findings.push(
      finding("numbers-as-text", "warning", `is text, and ${percent(text.numeric)} of it reads as numbers.`),
    );
  if (text.dates >= readsAs)
    findings.push(
      finding("dates-as-text", "warning", `is text, and ${percent(text.dates)} of it reads as dates.`),
    );
  if (text.blank > 0)
    findings.push(
      finding(
        "blank-text",
        "note",
        `is blank in ${plural(text.blank, "row")} (${percent(text.blank / present)}): missing values?`,
      ),
    );
  if (text.untrimmed > 0)
    findings.push(
      finding(
        "untrimmed-text",
        "note",
        `has white space around its text in ${plural(text.untrimmed, "row")}.`,
      ),
    );
  return findings;
}

function highCorrelations({ pearson, spearman, cramersV }: Associations): ProfileWarning[] {
  const names = { r: pearson, ρ: spearman, V: cramersV };
  const found = new Map<string, ProfileWarning>();
  for (const [symbol, matrix] of Object.entries(names)) {
    for (const [i, row] of (matrix?.values ?? []).entries()) {
      for (const [j, value] of row.slice(0, i).entries()) {
        const [b, a] = [matrix?.columns[i] ?? "", matrix?.columns[j] ?? ""];
        const key = JSON.stringify([a, b]);
        if (value === null || Math.abs(value) < highCorrelation || found.has(key)) continue;
        const message = `go together closely (${symbol} = ${value.toFixed(2)}): one may do for both.`;
        found.set(key, { code: "high-correlation", severity: "note", columns: [a, b], message });
      }
    }
  }
  return [...found.values()];
}

function finding(
  code: ProfileWarning["code"],
  severity: ProfileWarning["severity"],
  message: string,
): Finding {
  return { code, severity, message };
}

function shown({ top }: ColumnProfile): string {
  return JSON.stringify(top.values[0]?.value ?? null);
}
