/**
 * @file Anomalies: where a table is not as a schema says, in the terms of TensorFlow Data Validation (the JSON form of
 * `tensorflow_metadata`'s Anomalies message).
 */
import type { TableSource } from "../../table-source.ts";
import { countOf, fieldOf, listOf, resultValue } from "../answers.ts";
import { aggregate, query } from "../expectation.ts";
import { runInRounds, type Asking } from "../rounds.ts";
import { Scope } from "../scope.ts";
import { inSet, requiredLiteral, type SqlColumn } from "../sql-values.ts";
import { measureDrift, type DriftMeasurement } from "./drift.ts";
import { featureType } from "./infer-schema.ts";
import type { Comparator, DataSchema, SchemaFeature } from "./schema.ts";

/** What is wrong with a column, by TFDV's name for it. */
export interface AnomalyReason {
  readonly type:
    | "SCHEMA_NEW_COLUMN"
    | "SCHEMA_MISSING_COLUMN"
    | "UNEXPECTED_DATA_TYPE"
    | "FEATURE_TYPE_NOT_PRESENT"
    | "FEATURE_TYPE_LOW_FRACTION_PRESENT"
    | "FEATURE_TYPE_LOW_NUMBER_PRESENT"
    | "ENUM_TYPE_UNEXPECTED_STRING_VALUES"
    | "INT_TYPE_SMALL_INT"
    | "INT_TYPE_BIG_INT"
    | "FLOAT_TYPE_SMALL_FLOAT"
    | "FLOAT_TYPE_BIG_FLOAT"
    | "COMPARATOR_CONTROL_DATA_MISSING"
    | "COMPARATOR_L_INFTY_HIGH"
    | "COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH";
  readonly shortDescription: string;
  readonly description: string;
}

/** What is wrong with one column. */
export interface AnomalyInfo {
  readonly path: { readonly step: readonly string[] };
  readonly severity: "ERROR" | "WARNING";
  readonly shortDescription: string;
  readonly description: string;
  readonly reason: readonly AnomalyReason[];
}

/** A measured distance, and how great it may be. */
export interface ComparatorMeasurement {
  readonly type: DriftMeasurement["type"];
  readonly value: number;
  readonly threshold: number;
}

/** Where a table is not as its schema says. */
export interface Anomalies {
  readonly baseline: DataSchema;
  /** By column; empty where all is as it should be. */
  readonly anomalyInfo: Readonly<Record<string, AnomalyInfo>>;
  /** The distances that the schema's comparators asked for. */
  readonly driftSkewInfo: readonly {
    readonly path: { readonly step: readonly string[] };
    readonly driftMeasurements: readonly ComparatorMeasurement[];
    readonly skewMeasurements: readonly ComparatorMeasurement[];
  }[];
}

/** Other tables to compare with. */
export interface AnomalyOptions {
  /** An earlier span of the same data, for drift. */
  readonly previous?: TableSource;
  /** What the model is asked in service, for skew. */
  readonly serving?: TableSource;
}

/**
 * Looks for anomalies: columns that are new or missing, types, presence, domains, ranges, all in one statement; and, where
 * the schema has comparators and the other table is given, drift and skew above their thresholds.
 */
export async function findAnomalies(
  source: TableSource,
  schema: DataSchema,
  { previous, serving }: AnomalyOptions = {},
): Promise<Anomalies> {
  const reasons = new Map<string, AnomalyReason[]>();
  const add = (name: string, found: readonly AnomalyReason[]): void => {
    if (found.length > 0) reasons.set(name, [...(reasons.get(name) ?? []), ...found]);
  };
  const scope = new Scope(source.columns);
  const names = new Set(source.columns.map(({ name }) => name));
  const present = schema.feature.filter(({ name }) => names.has(name));
  for (const { name, presence } of schema.feature)
    if (!names.has(name) && isRequired(presence))
      add(name, [
        reason("SCHEMA_MISSING_COLUMN", "Column missing", "the schema has the column, the data does not"),
      ]);
  const evaluated = await runInRounds(
    source,
    present.map((feature) => checkFeature(scope, feature)),
  );
  for (const [index, each] of evaluated.entries()) {
    if ("error" in each) throw each.error;
    add(present[index]?.name ?? "", each.outcome);
  }
  for (const { name } of source.columns)
    if (!schema.feature.some((feature) => feature.name === name))
      add(name, [reason("SCHEMA_NEW_COLUMN", "New column", "the data has the column, the schema does not")]);
  const drift = await compareWith(source, previous, present, "driftComparator");
  const skew = await compareWith(source, serving, present, "skewComparator");
  for (const [name, { above }] of [...drift, ...skew]) add(name, above);
  return {
    baseline: schema,
    anomalyInfo: Object.fromEntries([...reasons].map(([name, found]) => [name, infoOf(name, found)])),
    driftSkewInfo: [...new Set([...drift.keys(), ...skew.keys()])]
      .map((name) => ({
        path: { step: [name] },
        driftMeasurements: drift.get(name)?.measured ?? [],
        skewMeasurements: skew.get(name)?.measured ?? [],
      }))
      .filter((info) => info.driftMeasurements.length + info.skewMeasurements.length > 0),
  };
}

function reason(type: AnomalyReason["type"], shortDescription: string, description: string): AnomalyReason {
  return { type, shortDescription, description };
}

function isRequired(presence: SchemaFeature["presence"]): boolean {
  return (presence?.minFraction ?? 0) > 0 || Number(presence?.minCount ?? 0) > 0;
}

function infoOf(name: string, found: readonly AnomalyReason[]): AnomalyInfo {
  return {
    path: { step: [name] },
    severity: "ERROR",
    shortDescription: found.length === 1 ? (found[0]?.shortDescription ?? "") : "Several anomalies",
    description: found.map(({ description }) => description).join("; "),
    reason: found,
  };
}

function* checkFeature(scope: Scope, feature: SchemaFeature): Asking<readonly AnomalyReason[]> {
  const column = scope.column(feature.name);
  const actual = featureType(column);
  if (feature.type !== undefined && feature.type !== actual) {
    const text = `expected ${feature.type}, found ${actual} (${column.type})`;
    return [reason("UNEXPECTED_DATA_TYPE", "Unexpected type", text)];
  }
  const [rows, present, range, strings] = yield [
    aggregate(scope.aggregate("count(*)")),
    aggregate(scope.aggregate("count(*)", `${column.value} IS NOT NULL`)),
    rangeOf(scope, column, feature),
    unexpectedStrings(scope, column, feature),
  ];
  return [
    ...presenceReasons(feature, countOf(rows), countOf(present)),
    ...rangeReasons(range, actual),
    ...stringReasons(listOf(strings), countOf(present)),
  ];
}

function presenceReasons({ presence }: SchemaFeature, rows: number, present: number): AnomalyReason[] {
  if (presence === undefined) return [];
  const { minFraction = 0, minCount = 0 } = presence;
  const found: AnomalyReason[] = [];
  if (present === 0 && isRequired(presence))
    return [reason("FEATURE_TYPE_NOT_PRESENT", "Column empty", "the column has no value")];
  if (rows > 0 && present / rows < minFraction) {
    const text = `a share of ${present / rows} of rows have a value, fewer than ${minFraction}`;
    found.push(reason("FEATURE_TYPE_LOW_FRACTION_PRESENT", "Values missing", text));
  }
  if (present < Number(minCount)) {
    const text = `${present} rows have a value, fewer than ${minCount}`;
    found.push(reason("FEATURE_TYPE_LOW_NUMBER_PRESENT", "Too few values", text));
  }
  return found;
}

type Range = readonly ReturnType<typeof aggregate>[];

/** The least and the greatest value where they are outside of the schema's range. */
function rangeOf(scope: Scope, column: SqlColumn, { intDomain, floatDomain }: SchemaFeature): Range[number] {
  const { min, max } = intDomain ?? floatDomain ?? {};
  const outside = (name: "min" | "max", limit: number | string | undefined, operator: "<" | ">"): string => {
    if (limit === undefined || column.type === "boolean") return `'${name}': NULL`;
    const value = scope.aggregate(`${name}(${column.value})`);
    return `'${name}': CASE WHEN ${value} ${operator} ${requiredLiteral(column, limit)} THEN CAST(${value} AS VARCHAR) END`;
  };
  return aggregate(`{${outside("min", min, "<")}, ${outside("max", max, ">")}}`);
}

function rangeReasons(
  range: Parameters<typeof fieldOf>[0],
  type: "BYTES" | "INT" | "FLOAT",
): AnomalyReason[] {
  const [min, max] = [fieldOf(range, "min"), fieldOf(range, "max")];
  const isInt = type === "INT";
  const title = "Values out of range";
  return [
    ...(typeof min === "string"
      ? [reason(isInt ? "INT_TYPE_SMALL_INT" : "FLOAT_TYPE_SMALL_FLOAT", title, `${min} is too small`)]
      : []),
    ...(typeof max === "string"
      ? [reason(isInt ? "INT_TYPE_BIG_INT" : "FLOAT_TYPE_BIG_FLOAT", title, `${max} is too large`)]
      : []),
  ];
}

const shownValues = 10;

function unexpectedStrings(scope: Scope, column: SqlColumn, { stringDomain }: SchemaFeature): Range[number] {
  if (stringDomain === undefined || column.type !== "string") return query("SELECT NULL");
  const outside = `${column.value} IS NOT NULL AND NOT (${inSet(column, stringDomain.value)})`;
  return query(
    `SELECT list({'v': v, 'n': n} ORDER BY n DESC, v) FROM (
       SELECT ${column.value} AS v, count(*) AS n ${scope.from(outside)} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${shownValues})`,
  );
}

function stringReasons(values: ReturnType<typeof listOf>, present: number): AnomalyReason[] {
  if (values.length === 0) return [];
  const shown = values.map((each) => {
    const percent = (countOf(fieldOf(each, "n")) / present) * 100;
    return `${JSON.stringify(resultValue(fieldOf(each, "v")))} (${percent < 0.01 ? "< 0.01" : percent.toFixed(2)} %)`;
  });
  const text = `values that are not in the domain: ${shown.join(", ")}`;
  return [reason("ENUM_TYPE_UNEXPECTED_STRING_VALUES", "Unexpected values", text)];
}

interface Compared {
  readonly measured: readonly ComparatorMeasurement[];
  readonly above: readonly AnomalyReason[];
}

async function compareWith(
  source: TableSource,
  other: TableSource | undefined,
  features: readonly SchemaFeature[],
  name: "driftComparator" | "skewComparator",
): Promise<ReadonlyMap<string, Compared>> {
  if (other === undefined) return new Map();
  const word = name === "driftComparator" ? "drift" : "skew";
  const asked = features.filter((feature) => feature[name] !== undefined);
  const names = new Set(other.columns.map((column) => column.name));
  const compared = asked.filter((feature) => names.has(feature.name));
  const measurements = await measureDrift(
    source,
    other,
    compared.map((feature) => feature.name),
  );
  const missing = reason(
    "COMPARATOR_CONTROL_DATA_MISSING",
    "Nothing to compare with",
    `the other table, for ${word}, has no such column`,
  );
  return new Map([
    ...asked
      .filter((feature) => !names.has(feature.name))
      .map((feature) => [feature.name, { measured: [], above: [missing] }] as const),
    ...measurements.map(
      (measurement, index) =>
        [measurement.column, judge(measurement, compared[index]?.[name] ?? {}, word)] as const,
    ),
  ]);
}

function judge(
  { type, value, category }: DriftMeasurement,
  { infinityNorm, jensenShannonDivergence }: Comparator,
  word: "drift" | "skew",
): Compared {
  const threshold = (type === "L_INFTY" ? infinityNorm : jensenShannonDivergence)?.threshold;
  if (threshold === undefined || value === null) return { measured: [], above: [] };
  const measured = [{ type, value, threshold }];
  if (value <= threshold) return { measured, above: [] };
  const at = category === undefined ? "" : `, most for ${JSON.stringify(category)}`;
  const measure = type === "L_INFTY" ? "L-infinity distance" : "Jensen-Shannon divergence";
  const text = `the ${measure} is ${value}${at}, above ${threshold}`;
  const kind = type === "L_INFTY" ? "COMPARATOR_L_INFTY_HIGH" : "COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH";
  return { measured, above: [reason(kind, `High ${word}`, text)] };
}
