import assert from "node:assert/strict";
import * as v from "valibot";
import {
  findAnomalies,
  inferSchema,
  measureDrift,
  openDatabase,
  parseSchema,
  SuiteError,
  tableSource,
  type Database,
  type TableSource,
} from "../../../ml/data/index.ts";
import { jensenShannonDivergence, lInfinityDistance } from "../../../ml/data/validation/schema/distance.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const reference = readReference(
  "drift",
  v.object({
    counts: v.array(
      v.object({
        name: v.string(),
        first: numbers,
        second: numbers,
        jensenShannon: v.number(),
        lInfinity: v.number(),
      }),
    ),
    samples: v.array(
      v.object({ name: v.string(), first: numbers, second: numbers, jensenShannon: v.number() }),
    ),
  }),
);

describe("schemas and drift, in TFDV's terms", () => {
  let database: Database;
  let people: TableSource;
  const table = async (sql: string): Promise<TableSource> => await tableSource(database, sql);
  before(async () => {
    database = await openDatabase({ threads: 2 });
    people = await table(`SELECT * FROM (VALUES
      (1, 'Anna', 1.5, true, DATE '2024-01-01', NULL::DOUBLE), (2, 'Beat', 2.5, false, DATE '2024-01-02', NULL),
      (3, 'Anna', 'nan'::DOUBLE, true, NULL, NULL), (4, 'Cem', -3.25, NULL, DATE '2024-01-04', 'nan'))
      AS t(id, name, score, member, since, empty)`);
  });
  after(() => database.close());

  it("a schema has types, presence, domains and ranges", async () => {
    assert.deepEqual(await inferSchema(people), {
      feature: [
        { name: "id", type: "INT", presence: { minCount: 1, minFraction: 1 }, intDomain: { min: 1, max: 4 } },
        {
          name: "name",
          type: "BYTES",
          presence: { minCount: 1, minFraction: 1 },
          stringDomain: { value: ["Anna", "Beat", "Cem"] },
        },
        { name: "score", type: "FLOAT", presence: { minCount: 1 }, floatDomain: { min: -3.25, max: 2.5 } },
        { name: "member", type: "INT", presence: { minCount: 1 }, boolDomain: {} },
        { name: "since", type: "BYTES", presence: { minCount: 1 } },
        { name: "empty", type: "FLOAT" },
      ],
    });
  });

  it("a table has no anomalies against its own schema, written and read again", async () => {
    const schema = parseSchema(JSON.stringify(await inferSchema(people)));
    const { anomalyInfo, driftSkewInfo } = await findAnomalies(people, schema);
    assert.deepEqual([anomalyInfo, driftSkewInfo], [{}, []]);
  });

  it("tells what another table has that the schema has not", async () => {
    const schema = await inferSchema(people);
    const other = await table(`SELECT * FROM (VALUES
      (0, 'Dora', 9.0, 'yes'), (7, NULL, 1.0, 'no'), (9007199254740993, 'Anna', -4.0, 'no'), (4, 'Ed', NULL, 'no'))
      AS t(id, name, score, member)`);
    const more = await table(`SELECT *, 1 AS extra, NULL::DATE AS since FROM (${other.sql})`);
    const { anomalyInfo } = await findAnomalies(more, schema);
    const reasons = Object.entries(anomalyInfo).map(
      ([name, { reason }]) => [name, reason.map(({ type }) => type)] as const,
    );
    assert.deepEqual(Object.fromEntries(reasons), {
      id: ["INT_TYPE_SMALL_INT", "INT_TYPE_BIG_INT"],
      name: ["FEATURE_TYPE_LOW_FRACTION_PRESENT", "ENUM_TYPE_UNEXPECTED_STRING_VALUES"],
      score: ["FLOAT_TYPE_SMALL_FLOAT", "FLOAT_TYPE_BIG_FLOAT"],
      member: ["UNEXPECTED_DATA_TYPE"],
      since: ["FEATURE_TYPE_NOT_PRESENT"],
      extra: ["SCHEMA_NEW_COLUMN"],
    });
    assert.match(anomalyInfo["id"]?.description ?? "", /9007199254740993 is too large/);
    assert.match(anomalyInfo["name"]?.description ?? "", /"Dora" \(33\.33 %\), "Ed" \(33\.33 %\)/);
  });

  it("schemas that are not well formed are refused", () => {
    assert.throws(() => parseSchema("{"), SuiteError);
    assert.throws(() => parseSchema('{"feature": [{"name": "a", "type": "TEXT"}]}'), /"feature\.0\.type"/);
    assert.throws(() => parseSchema('{"feature": [{}]}'), /"feature\.0\.name" is missing/);
  });

  for (const { name, first, second, jensenShannon, lInfinity } of reference.counts) {
    it(`distances of counts equal SciPy's: ${name}`, () => {
      close(jensenShannonDivergence(first, second), jensenShannon);
      const keyed = (counts: readonly number[]) => new Map(counts.map((count, index) => [`${index}`, count]));
      close(lInfinityDistance(keyed(first), keyed(second)).value, lInfinity);
    });
  }

  for (const { name, first, second, jensenShannon } of reference.samples) {
    it(`the divergence of histograms equals SciPy's: ${name}`, async () => {
      const values = (list: readonly number[]) => list.map((value) => `(${value}::DOUBLE)`).join(", ");
      const [a, b] = [
        await table(`SELECT * FROM (VALUES ${values(first)}) AS t(x)`),
        await table(`SELECT * FROM (VALUES ${values(second)}) AS t(x)`),
      ];
      const [measured] = await measureDrift(a, b);
      assert.equal(measured?.type, "JENSEN_SHANNON_DIVERGENCE");
      close(measured?.value ?? Number.NaN, jensenShannon);
    });
  }

  it("drift and skew above the schema's thresholds are anomalies", async () => {
    const now = await table(
      "SELECT i / 10.0 AS x, ['a', 'b'][1 + (i % 10 = 0)::INTEGER] AS k FROM range(100) t(i)",
    );
    const then = await table(
      "SELECT i / 5.0 AS x, ['a', 'b'][1 + (i % 2 = 0)::INTEGER] AS k FROM range(100) t(i)",
    );
    const schema = parseSchema(
      JSON.stringify({
        feature: [
          {
            name: "x",
            driftComparator: { jensenShannonDivergence: { threshold: 0.01 } },
            skewComparator: { jensenShannonDivergence: { threshold: 0.99 } },
          },
          { name: "k", type: "BYTES", driftComparator: { infinityNorm: { threshold: 0.3 } } },
        ],
      }),
    );
    const { anomalyInfo, driftSkewInfo } = await findAnomalies(now, schema, {
      previous: then,
      serving: then,
    });
    assert.equal(anomalyInfo["x"]?.reason[0]?.type, "COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH");
    assert.equal(anomalyInfo["x"]?.reason.length, 1);
    assert.equal(anomalyInfo["k"]?.reason[0]?.type, "COMPARATOR_L_INFTY_HIGH");
    assert.match(anomalyInfo["k"]?.description ?? "", /0\.4, most for "(a|b)", above 0\.3/);
    assert.deepEqual(driftSkewInfo[1]?.driftMeasurements, [{ type: "L_INFTY", value: 0.4, threshold: 0.3 }]);
    assert.equal(driftSkewInfo[0]?.skewMeasurements.length, 1);
  });

  it("constants, infinite values, and tables without values have a distance or none", async () => {
    const drift = async (a: string, b: string): Promise<number | null | undefined> => {
      const measured = await measureDrift(await table(a), await table(b));
      return measured[0]?.value;
    };
    assert.equal(await drift("SELECT 1 AS x", "SELECT 1 AS x"), 0);
    assert.equal(await drift("SELECT 1 AS x", "SELECT 2 AS x"), 1);
    assert.equal(await drift("SELECT 'inf'::DOUBLE AS x", "SELECT 1.0 AS x"), 1);
    assert.equal(await drift("SELECT NULL::INTEGER AS x", "SELECT 1 AS x"), null);
    assert.equal(await drift("SELECT NULL::VARCHAR AS x", "SELECT 'a' AS x"), null);
    assert.equal(
      await drift("SELECT unnest(['a', 'a', 'b']) AS x", "SELECT unnest(['b', 'a', 'a']) AS x"),
      0,
    );
  });
});

function close(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-12, `${found}, expected ${expected}`);
}
