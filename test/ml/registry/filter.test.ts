import assert from "node:assert/strict";
import { MlflowError } from "../../../ml/registry/mlflow-error.ts";
import { parseFilter } from "../../../ml/registry/search/filter.ts";
import { experimentLanguage, runLanguage } from "../../../ml/registry/search/language.ts";
import { parseOrderBy } from "../../../ml/registry/search/order-by.ts";
import { offsetOf, pageOf, pageToken } from "../../../ml/registry/search/page-token.ts";

const runs = (filter: string): unknown => parseFilter(filter, runLanguage);

describe("The filter language", () => {
  it("comparisons of every entity, by all its names", () => {
    const of = (entity: string, key: string, operator: string, value: unknown): unknown => [
      { entity, key, operator, value },
    ];
    assert.deepEqual(runs(""), []);
    assert.deepEqual(runs("metrics.loss < .5e-1"), of("metric", "loss", "<", 0.05));
    assert.deepEqual(runs("metric.a>=-1"), of("metric", "a", ">=", -1));
    assert.deepEqual(runs("params.`a b` = 'x'"), of("parameter", "a b", "=", "x"));
    assert.deepEqual(runs('param."a.b" <> "x y"'), of("parameter", "a.b", "!=", "x y"));
    assert.deepEqual(
      runs("tags.mlflow.source.name ilike '%A%'"),
      of("tag", "mlflow.source.name", "ILIKE", "%A%"),
    );
    assert.deepEqual(runs("tag.a-b/c is not null"), of("tag", "a-b/c", "IS NOT NULL", null));
    assert.deepEqual(runs("start_time > 5"), of("attribute", "start_time", ">", 5));
    assert.deepEqual(runs("attr.status != 'FAILED'"), of("attribute", "status", "!=", "FAILED"));
    assert.deepEqual(runs("run_id not in ('a', \"b\")"), of("attribute", "run_id", "NOT IN", ["a", "b"]));
    assert.deepEqual(runs("dataset.name in ('d')"), of("dataset", "name", "IN", ["d"]));
  });

  it("comparisons are joined by AND", () => {
    const found = parseFilter("params.a = 'x' AND metrics.b > 1 and tags.c = 'AND'", runLanguage);
    assert.deepEqual(
      found.map(({ key, value }) => [key, value]),
      [
        ["a", "x"],
        ["b", 1],
        ["c", "AND"],
      ],
    );
  });

  it("a quote in a text is written twice", () => {
    assert.deepEqual(parseFilter("tags.a = 'it''s'", runLanguage)[0]?.value, "it's");
  });

  for (const filter of [
    "params.a = 'x' OR params.b = 'y'",
    "params.a = 'x'; DROP TABLE runs",
    "params.a = 'x' -- comment",
    "params.a = 'x' params.b = 'y'",
    "params.a = 'x",
    "params.a",
    "params.a =",
    "= 'x'",
    "params.a = x",
    "params.a = 1",
    "params.a > 'x'",
    "metrics.a = 'x'",
    "metrics.a LIKE 'x'",
    "metrics.a IS NULL",
    "start_time = 'x'",
    "status IN ('RUNNING')",
    "run_id IN ()",
    "run_id IN ('a'",
    "run_id IN (1)",
    "colour = 'red'",
    "constructor = 'x'",
    "shapes.a = 'x'",
    "__proto__.a = 'x'",
    "dataset.rows = 'x'",
    "params.a = 'x' AND",
    "params.a NOT LIKE 'x'",
    "params.a IS 'x'",
  ])
    it(`refused: ${filter}`, () => {
      assert.throws(() => runs(filter), { name: "MlflowError", code: "INVALID_PARAMETER_VALUE" });
    });

  it("a filter of more than a statement takes is refused, whatever its length", () => {
    const joined = (count: number): string =>
      Array.from({ length: count }, () => "params.a = 'x'").join(" AND ");
    assert.equal(parseFilter(joined(500), runLanguage).length, 500);
    const list = `run_id IN (${Array.from({ length: 10_001 }, () => "'a'").join()})`;
    for (const filter of [joined(501), joined(20_000), list, "(".repeat(100_000)])
      assert.throws(() => runs(filter), MlflowError);
  });

  it("orderings", () => {
    assert.deepEqual(parseOrderBy(["metrics.`a b` desc", "start_time", "tags.x ASC"], runLanguage), [
      { entity: "metric", key: "a b", ascending: false },
      { entity: "attribute", key: "start_time", ascending: true },
      { entity: "tag", key: "x", ascending: true },
    ]);
    for (const clause of [
      "",
      "start_time UP",
      "start_time DESC DESC",
      "nothing",
      "name; DROP TABLE experiments",
    ])
      assert.throws(
        () => parseOrderBy([clause], experimentLanguage),
        { code: "INVALID_PARAMETER_VALUE" },
        clause,
      );
  });

  it("page tokens hold the offset and nothing else is taken", () => {
    assert.equal(offsetOf(pageToken(30)), 30);
    assert.equal(offsetOf(undefined), 0);
    assert.deepEqual(pageOf([1, 2, 3], 0, 2), { items: [1, 2], nextPageToken: pageToken(2) });
    assert.deepEqual(pageOf([1, 2], 4, 2), { items: [1, 2], nextPageToken: undefined });
    const token = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");
    for (const bad of [
      "?",
      token({}),
      token({ offset: -1 }),
      token({ offset: 1.5 }),
      token({ offset: "1" }),
      token([]),
    ])
      assert.throws(() => offsetOf(bad), { code: "INVALID_PARAMETER_VALUE" }, bad);
  });
});
