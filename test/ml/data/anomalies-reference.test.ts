import assert from "node:assert/strict";
import * as v from "valibot";
import {
  findAnomalies,
  openDatabase,
  parseSchema,
  sqlText,
  tableSource,
  type Database,
  type TableSource,
} from "../../../ml/data/index.ts";
import { readReference } from "../reference.ts";

const value = v.nullable(v.union([v.number(), v.string()]));
const table = v.record(v.string(), v.object({ type: v.string(), values: v.array(value) }));
const measurements = v.optional(
  v.array(v.object({ type: v.string(), value: v.number(), threshold: v.number() })),
  [],
);
const reference = readReference(
  "anomalies",
  v.object({
    cases: v.array(
      v.object({
        name: v.string(),
        table,
        previous: v.nullable(table),
        serving: v.nullable(table),
        schema: v.unknown(),
        reasons: v.record(v.string(), v.array(v.string())),
        measured: v.array(
          v.object({
            path: v.object({ step: v.array(v.string()) }),
            driftMeasurements: measurements,
            skewMeasurements: measurements,
          }),
        ),
      }),
    ),
  }),
);
type Table = v.InferOutput<typeof table>;

const sqlTypes: Readonly<Record<string, string>> = { int64: "BIGINT", float64: "DOUBLE", string: "VARCHAR" };

describe("anomalies, as TensorFlow Data Validation finds them", () => {
  let database: Database;
  before(async () => {
    database = await openDatabase({ threads: 2 });
  });
  after(() => database.close());

  const load = async (columns: Table | null): Promise<TableSource | undefined> => {
    if (columns === null) return undefined;
    const lists = Object.entries(columns).map(([name, { type, values }]) => {
      const cells = values.map((cell) => (cell === null ? "NULL" : sqlText(String(cell))));
      return `unnest(CAST([${cells.join(", ")}] AS ${sqlTypes[type]}[])) AS "${name}"`;
    });
    return await tableSource(database, `SELECT ${lists.join(", ")}`);
  };

  for (const { name, schema, reasons, measured, ...tables } of reference.cases) {
    it(name, async () => {
      const [source, previous, serving] = [
        await load(tables.table),
        await load(tables.previous),
        await load(tables.serving),
      ];
      assert.ok(source);
      const options = {
        ...(previous === undefined ? {} : { previous }),
        ...(serving === undefined ? {} : { serving }),
      };
      const found = await findAnomalies(source, parseSchema(JSON.stringify(schema)), options);
      const types = Object.entries(found.anomalyInfo).map(
        ([column, { reason }]) => [column, reason.map(({ type }) => type).sort()] as const,
      );
      assert.deepEqual(Object.fromEntries(types), reasons);
      const sorted = found.driftSkewInfo.toSorted((a, b) =>
        String(a.path.step) < String(b.path.step) ? -1 : 1,
      );
      assert.deepEqual(
        sorted.map(({ path }) => path),
        measured.map(({ path }) => path),
      );
      for (const [index, { driftMeasurements, skewMeasurements }] of measured.entries()) {
        const own = sorted[index];
        compare(own?.driftMeasurements ?? [], driftMeasurements);
        compare(own?.skewMeasurements ?? [], skewMeasurements);
      }
    });
  }
});

interface Measurement {
  readonly type: string;
  readonly value: number | null;
  readonly threshold: number;
}

function compare(found: readonly Measurement[], expected: readonly Measurement[]): void {
  assert.deepEqual(
    found.map(({ type, threshold }) => [type, threshold]),
    expected.map(({ type, threshold }) => [type, threshold]),
  );
  for (const [index, { value: distance }] of expected.entries())
    assert.ok(Math.abs((found[index]?.value ?? Number.NaN) - (distance ?? Number.NaN)) < 1e-12);
}
