import assert from "node:assert/strict";
import * as v from "valibot";
import { parseSuite, validateSuite, type Database, type TableSource } from "../../../ml/data/index.ts";
import { expectationsReference as reference, loadTables, type ReferenceCase } from "./expectation-tables.ts";

describe("expectations, as Great Expectations evaluates them", () => {
  let database: Database;
  let sources: ReadonlyMap<string, TableSource>;
  before(async () => {
    ({ database, sources } = await loadTables());
  });
  after(() => database.close());

  for (const type of new Set(reference.cases.map((each) => each.type))) {
    it(type, async () => {
      for (const [table, source] of sources) {
        const cases = reference.cases.filter((each) => each.type === type && each.table === table);
        const text = JSON.stringify({ name: table, expectations: cases });
        const validated = await validateSuite(source, parseSuite(text));
        const { results } = v.parse(resultSchema, validated.toJSON());
        assert.equal(results.length, cases.length);
        cases.forEach((expected, index) => compare(expected, results[index]));
      }
    });
  }
});

const resultSchema = v.object({
  results: v.array(
    v.object({
      success: v.boolean(),
      result: v.record(v.string(), v.unknown()),
      exception_info: v.object({ exception_message: v.nullable(v.string()) }),
    }),
  ),
});

type Found = v.InferOutput<typeof resultSchema>["results"][number];

function compare(expected: ReferenceCase, found: Found | undefined): void {
  const label = `${expected.table} ${expected.type} ${JSON.stringify(expected.kwargs)}`;
  assert.equal(found?.exception_info.exception_message, null, label);
  assert.equal(found?.success, expected.success, label);
  const { partial_unexpected_counts: counts, ...result } = found?.result ?? {};
  // Great Expectations leaves counts out where it can't sort the values.
  const hasCounts = counts !== undefined && "partial_unexpected_counts" in expected.result;
  compareValues(
    expected.result,
    hasCounts ? { ...result, partial_unexpected_counts: counts } : result,
    label,
  );
}

function compareValues(expected: unknown, found: unknown, label: string): void {
  if (typeof expected === "number" && typeof found === "number") {
    const tolerance = 1e-9 * Math.max(1, Math.abs(expected));
    assert.ok(Math.abs(expected - found) <= tolerance, `${label}: ${found}, expected ${expected}`);
  } else if (Array.isArray(expected) && Array.isArray(found)) {
    assert.equal(found.length, expected.length, label);
    expected.forEach((item, index) => compareValues(item, found[index], label));
  } else if (isObject(expected) && isObject(found)) {
    assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort(), label);
    for (const [name, item] of Object.entries(expected))
      compareValues(item, found[name], `${label}, ${name}`);
  } else assert.deepEqual(found, expected, label);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
