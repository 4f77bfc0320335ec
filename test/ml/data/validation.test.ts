import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  fromArrays,
  allOf,
  anyOf,
  findAnomalies,
  inferSchema,
  inferSuite,
  measureDrift,
  openDatabase,
  parseSuite,
  readSuite,
  sqlText,
  suite,
  SuiteError,
  tableSource,
  validateSuite,
  ValidationFailedError,
  where,
  whereIn,
  whereNull,
  type Database,
  type RowCondition,
  type TableSource,
} from "../../../ml/data/index.ts";
import { loadTables } from "./expectation-tables.ts";

type Flights = {
  readonly delay: "int64";
  readonly origin: "string";
  readonly at: "timestamp";
  readonly late: "boolean";
};

describe("validation", () => {
  let database: Database;
  let flights: TableSource;
  before(async () => {
    database = await openDatabase({ threads: 2 });
    await database.run(`CREATE TABLE flights AS SELECT
      (i % 50) - 10 AS delay, ['ORD', 'LAX', 'JFK'][1 + i % 3] AS origin,
      TIMESTAMP '2024-01-01' + INTERVAL (i) MINUTE AS at, i % 50 > 25 AS late FROM range(1000) t(i)`);
    flights = await tableSource(database, "FROM flights");
  });
  after(() => database.close());

  it("a suite that is built validates, is saved, and is read again the same", async () => {
    const built = suite<Flights>("flights")
      .expectColumnValuesToNotBeNull("origin")
      .expectColumnValuesToBeBetween("delay", { minValue: -5, mostly: 0.9, severity: "warning" })
      .expectColumnValuesToBeBetween("at", { maxValue: new Date("2024-01-01T10:00:00Z") })
      .expectColumnMeanToBeBetween("delay", {
        maxValue: 20,
        rowCondition: allOf(where("late", "==", true), whereIn("origin", ["ORD", "LAX"])),
      })
      .expectColumnValuesToBeInSet("origin", ["ORD", "LAX"], { meta: { why: "two airports" } });
    const result = await built.validate(flights);
    assert.deepEqual(
      result.results.map(({ success }) => success),
      [true, true, false, false, false],
    );
    assert.equal(result.results[2]?.result.unexpected_count, 399);
    assert.equal(result.results[4]?.result.unexpected_count, 333);
    assert.throws(() => result.assertSuccess(), ValidationFailedError);
    const folder = await mkdtemp(join(tmpdir(), "tenon-suite-"));
    try {
      const path = join(folder, "flights.suite.json");
      await built.save(path);
      const read = await readSuite(path);
      assert.deepEqual(read, built);
      assert.deepEqual(await readdir(folder), ["flights.suite.json"]);
      assert.deepEqual((await read.validate(flights)).toJSON(), result.toJSON());
      assert.deepEqual(JSON.parse(await readFile(path, "utf8")).meta, { tenon_suite_version: 1 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("a suite never changes", () => {
    const empty = suite("s");
    const one = empty.expectTableRowCountToEqual(3);
    assert.deepEqual([empty.expectations.length, one.expectations.length], [0, 1]);
  });

  it("all aggregates are one statement, examples of failures another", async () => {
    const built = suite<Flights>("flights")
      .expectColumnValuesToNotBeNull("origin")
      .expectColumnValuesToBeBetween("delay", { minValue: 0 })
      .expectColumnValuesToBeUnique("origin")
      .expectColumnMedianToBeBetween("delay", { minValue: 0 })
      .expectColumnDistinctValuesToEqualSet("origin", ["ORD"])
      .expectColumnValuesToMatchRegex("origin", /^[A-Z]{3}$/);
    const rounds: number[] = [];
    await built.validate(flights, { onRound: (_, waiting) => rounds.push(waiting) });
    assert.deepEqual(rounds, [6, 1]);
  });

  it("an expectation that can't be evaluated says why, and the others are evaluated", async () => {
    const { results } = await validateSuite(flights, {
      name: "broken",
      expectations: [
        { type: "expect_column_values_to_match_regex", kwargs: { column: "origin", regex: "(?=O)" } },
        { type: "expect_column_values_to_not_be_null", kwargs: { column: "orgin" } },
        { type: "expect_column_mean_to_be_between", kwargs: { column: "origin", min_value: 1 } },
        { type: "expect_column_values_to_be_between", kwargs: { column: "at", min_value: "soon" } },
        { type: "expect_column_values_to_be_between", kwargs: { column: "delay", min_value: "x" } },
        { type: "expect_column_values_to_be_between", kwargs: { column: "delay" } },
        {
          type: "expect_column_values_to_be_between",
          kwargs: { column: "delay", min_value: 2, max_value: 1 },
        },
        { type: "expect_table_row_count_to_equal", kwargs: { value: 1000 } },
        {
          type: "expect_column_values_to_match_strftime_format",
          kwargs: { column: "origin", strftime_format: "%Q" },
        },
      ],
    });
    const messages = results.map(({ exception_info: info }) => info.exception_message);
    for (const [index, message] of [
      /perl operator/,
      /no column "orgin"; did you mean "origin"\?/,
      /"origin" is string; this needs a column of numbers/,
      /soon/,
      /"x" is no value to compare "delay" \(int64\) with/,
      /both missing/,
      /min_value 2 is above max_value 1/,
      undefined,
      /unknown directive "%Q"/,
    ].entries()) {
      if (message !== undefined) assert.match(messages[index] ?? "", message);
      assert.equal(results[index]?.success, message === undefined);
    }
  });

  it("text of suites is never SQL", async () => {
    const nasty = `'); DROP TABLE flights; --`;
    await database.run(`CREATE TABLE quotes AS SELECT 1 AS "a""b'); --", 'x' AS s`);
    const source = await tableSource(database, "FROM quotes");
    const result = await suite("nasty")
      .expectColumnValuesToBeBetween(`a"b'); --`, { minValue: 1 })
      .expectColumnValuesToBeInSet("s", [nasty])
      .expectColumnValuesToMatchRegex("s", "^[^']$")
      .expectColumnValuesToMatchLikePattern("s", nasty)
      .expectColumnPairValuesToBeInSet("s", `a"b'); --`, [["x", 1]])
      .expectCompoundColumnsToBeUnique(["s", `a"b'); --`])
      .expectTableRowCountToEqualOtherTable(nasty)
      .expectColumnValuesToBeInSet("s", ["x"], { rowCondition: where("s", "!=", nasty) })
      .validate(source);
    assert.deepEqual(
      result.results.map(({ success }) => success),
      [true, false, true, false, true, true, false, true],
    );
    assert.deepEqual((await database.query("SELECT count(*) AS n FROM flights")).rows, [{ n: 1000 }]);
  });

  it("suites with mistakes are refused, with every mistake", () => {
    const problems = (suiteJson: unknown): string => {
      try {
        parseSuite(JSON.stringify(suiteJson), "s.json");
      } catch (error) {
        assert.ok(error instanceof SuiteError);
        return error.message;
      }
      return "";
    };
    assert.match(problems({ name: "s" }), /s\.json: "expectations" is missing/);
    assert.match(problems([]), /s\.json/);
    const expectations = [
      { type: "expect_column_values_to_be_between", kwargs: { column: "a", min_value: 1, mostly: 1.5 } },
      { type: "expect_column_values_to_be_in_set", kwargs: { column: "a", value_set: [1], valueset: [] } },
      {
        type: "expect_column_quantile_values_to_be_between",
        kwargs: { column: "a", quantile_ranges: { quantiles: [0.5], value_ranges: [] } },
      },
      { type: "expect_column_values_to_be_null", kwargs: { column: "a", row_condition: "b > 1" } },
    ];
    const message = problems({ name: "s", expectations });
    assert.match(message, /s\.json has 4 problems/);
    assert.match(message, /expectations\[0\].*"mostly"/);
    assert.match(message, /expectations\[1\].*"valueset" is not known here/);
    assert.match(message, /expectations\[2\].*as many value_ranges/);
    assert.match(message, /expectations\[3\].*row condition/);
    assert.throws(() => suite("s").expectColumnMaxToBeBetween("a", { maxValue: Infinity }), SuiteError);
  });

  it("a suite that is inferred from a table is met by it", async () => {
    const { database: own, sources } = await loadTables();
    try {
      for (const [name, source] of sources) {
        const inferred = await inferSuite(source, name);
        const result = await inferred.validate(source);
        const failed = result.results.filter(({ success }) => !success);
        assert.deepEqual(failed, [], name);
        assert.ok(inferred.expectations.length > source.columns.length);
        assert.deepEqual(parseSuite(JSON.stringify(inferred)).expectations, inferred.expectations);
      }
    } finally {
      own.close();
    }
  });

  it("columns that are named as the statements' own are no others", async () => {
    const rows = (names: readonly string[]): string =>
      `SELECT i % 7 AS "${names[0]}", CASE WHEN i % 5 > 0 THEN i / 8.0 END AS "${names[1]}",
        ['x', 'y', NULL][1 + i % 3] AS "${names[2]}", i % 11 AS "${names[3]}", 'a' || i % 9 AS "${names[4]}" FROM range(25000) t(i)`;
    const check = async (names: readonly string[]) => {
      const [a = "", b = "", c = "", d = "", e = ""] = names;
      const built = suite("names")
        .expectColumnValuesToBeUnique(a)
        .expectColumnUniqueValueCountToBeBetween(a, { minValue: 7, maxValue: 7 })
        .expectColumnMedianToBeBetween(a, { minValue: 3, maxValue: 3 })
        .expectColumnValuesToNotBeOutliers(b)
        .expectColumnValuesToBeInSet(c, ["x"])
        .expectColumnMostCommonValueToBeInSet(c, ["x"])
        .expectColumnDistinctValuesToEqualSet(c, ["x", "z"])
        .expectColumnValuesToBeIncreasing(d)
        .expectColumnKLDivergenceToBeLessThan(c, { values: ["x", "y"], weights: [0.5, 0.5] }, 0.1)
        .expectCompoundColumnsToBeUnique([a, d])
        .expectColumnPairValuesAToBeGreaterThanB(d, a)
        .expectColumnValuesToMatchRegex(e, "[1-8]");
      const source = await tableSource(database, rows(names));
      const { results } = await built.validate(source);
      const drift = await measureDrift(source, await tableSource(database, `${rows(names)} WHERE i > 99`));
      assert.deepEqual((await findAnomalies(source, await inferSchema(source))).anomalyInfo, {});
      const found = results.map(({ success, result, exception_info: info }) => [
        success,
        result.unexpected_count,
        result.partial_unexpected_counts,
        result.observed_value,
        info,
      ]);
      return [found, drift.map(({ value }) => value)];
    };
    const expected = await check(["alpha", "beta", "gamma", "delta", "epsilon"]);
    assert.equal(JSON.stringify(expected).includes('"raised_exception":true'), false);
    for (const names of [
      ["v", "n", "i", "shown", "c0"],
      ["n", "i", "v", "c1", "r"],
      ["i", "v", "n", "g", "total"],
      ["upto", "tenon_count", "count", "v", "n"],
      ["rows", "groups", "tenon_source", "a0", "q0"],
    ])
      assert.deepEqual(await check(names), expected, names.join());
  });

  it("what is asked of different values is what is asked of rows", async () => {
    await database.run(`CREATE TABLE many AS SELECT
      CASE WHEN i % 13 > 0 THEN (i * 7919) % 101 END AS whole,
      CASE WHEN i % 17 = 0 THEN 'nan'::DOUBLE WHEN i % 1000 = 1 THEN 'inf'::DOUBLE WHEN i % 7 > 0 THEN ((i * 31) % 64) / 4.0 END AS part,
      ['Zürich', '', 'Bern', NULL, 'a%b'][1 + i % 5] AS word, i % 3 = 0 AS flag FROM range(30000) t(i)`);
    const source = await tableSource(database, "FROM many");
    const build = (rowCondition?: RowCondition) => {
      const rows = rowCondition === undefined ? {} : { rowCondition };
      return suite("many")
        .expectColumnValuesToNotBeNull("whole", rows)
        .expectColumnValuesToBeBetween("whole", { minValue: 5, maxValue: 90, ...rows })
        .expectColumnMedianToBeBetween("whole", { minValue: 5, ...rows })
        .expectColumnValuesToNotBeOutliers("whole", { multiplier: 0.2, ...rows })
        .expectColumnMedianToBeBetween("part", { minValue: 5, ...rows })
        .expectColumnValuesToNotBeOutliers("part", { multiplier: 0.2, ...rows })
        .expectColumnValuesToBeInSet("part", [1, 2.25], rows)
        .expectColumnUniqueValueCountToBeBetween("part", { minValue: 5, ...rows })
        .expectColumnQuantileValuesToBeBetween(
          "whole",
          {
            quantiles: [0, 0.1, 0.5, 0.77, 1],
            valueRanges: Array.from({ length: 5 }, () => [0, null] as const),
          },
          rows,
        )
        .expectColumnProportionOfUniqueValuesToBeBetween("word", { minValue: 0.5, ...rows })
        .expectColumnProportionOfNonNullValuesToBeBetween("word", { minValue: 0.5, ...rows })
        .expectColumnValuesToMatchRegex("word", "^[A-Z]", rows)
        .expectColumnValuesToMatchLikePattern("word", "a%", rows)
        .expectColumnValueLengthsToBeBetween("word", { minValue: 1, maxValue: 5, ...rows })
        .expectColumnDistinctValuesToEqualSet("word", ["Bern", "Chur"], rows)
        .expectColumnMostCommonValueToBeInSet("word", ["Bern"], rows)
        .expectColumnValuesToBeInSet("flag", [true], rows)
        .expectColumnValuesToBeNull("flag", rows);
    };
    const ofValues = await build().validate(source);
    // With a condition that every row meets, rows are asked.
    const ofRows = await build(anyOf(whereNull("flag"), whereNull("flag", false))).validate(source);
    for (const [index, { result, success, exception_info: info }] of ofValues.results.entries()) {
      const other = ofRows.results[index];
      assert.equal(info.exception_message, null);
      assert.deepEqual([success, result], [other?.success, other?.result], other?.expectation_config.type);
    }
  });

  it("rows of a file that several threads read are compared in their order", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tenon-order-"));
    const several = await openDatabase({ threads: 4 });
    try {
      const path = join(folder, "rows.csv");
      await several.run(
        `COPY (SELECT i AS id, 'some text ' || i AS word FROM range(2000000) t(i)) TO ${sqlText(path)}`,
      );
      const source = await tableSource(several, `FROM ${sqlText(path)}`);
      const result = await suite("order")
        .expectColumnValuesToBeIncreasing("id", { strictly: true })
        .expectColumnValuesToBeDecreasing("id", { mostly: 0.5 })
        .expectColumnValuesToBeBetween("id", { minValue: 0, maxValue: 100 })
        .expectColumnValuesToNotBeNull("word")
        .validate(source);
      assert.deepEqual(
        result.results.map(({ result: { unexpected_count: count } }) => count),
        [0, 1_999_999, 1_999_899, 0],
      );
      assert.deepEqual(result.results[1]?.result.partial_unexpected_list?.slice(0, 3), [1, 2, 3]);
    } finally {
      several.close();
      await rm(folder, { recursive: true });
    }
  });

  it("columns of every type are inferred and validated", async () => {
    const types = await tableSource(
      database,
      `SELECT i::TINYINT a, i::HUGEINT * 1000000000000000000000 b, (i / 3)::DECIMAL(30, 12) c, i::FLOAT d, DATE '2024-01-01' + i::INTEGER e,
        TIME '10:00' + INTERVAL (i) SECOND f, (TIMESTAMP '2024-01-01' + INTERVAL (i) DAY)::TIMESTAMPTZ g, INTERVAL (i) DAY h,
        uuid() j, 'x'::BLOB k, '{"a":1}'::JSON l, [i] m, {'a': i} n, MAP {'a': i} o, 'v'::ENUM('v', 'w') p, i > 1 q, '1'::BIT r
       FROM range(3) t(i)`,
    );
    const materialised = types.sql;
    await database.run(`CREATE TABLE kinds AS ${materialised}`);
    const source = await tableSource(database, "FROM kinds");
    const inferred = await inferSuite(source, "kinds");
    const read = parseSuite(JSON.stringify(inferred));
    const result = await validateSuite(source, read);
    assert.deepEqual(
      result.results.filter(({ success }) => !success),
      [],
    );
    const other = await tableSource(
      database,
      "SELECT * REPLACE (b + 1 AS b, c + 1 AS c, e + 9 AS e, g + INTERVAL 9 DAY AS g) FROM kinds",
    );
    const changed = await validateSuite(other, read);
    const failed = changed.results.filter(({ success }) => !success);
    assert.deepEqual(
      failed.map(({ expectation_config: { kwargs } }) => kwargs["column"]),
      ["b", "c", "e", "g"].filter((name) =>
        failed.some(({ expectation_config: { kwargs } }) => kwargs["column"] === name),
      ),
    );
    assert.equal(failed.filter(({ exception_info: info }) => info.raised_exception).length, 0);
    assert.equal(failed.length, 4);
  });

  it("the compiler knows the columns and their values", async () => {
    const typed = suite<Flights>("flights");
    typed.expectColumnValuesToBeBetween("delay", { minValue: 1, maxValue: 5n });
    typed.expectColumnMaxToBeBetween("at", { maxValue: "2024-02-01" });
    // @ts-expect-error a misspelt column
    typed.expectColumnValuesToNotBeNull("orgin");
    // @ts-expect-error text for a number
    typed.expectColumnValuesToBeBetween("delay", { minValue: "1" });
    // @ts-expect-error a column without an order
    typed.expectColumnValuesToBeBetween("late", { minValue: "1" });
    // @ts-expect-error a column of text has no mean
    typed.expectColumnMeanToBeBetween("origin", { minValue: 1 });
    // @ts-expect-error numbers for text
    typed.expectColumnValuesToBeInSet("origin", [1, 2]);
    // @ts-expect-error a row condition over a misspelt column
    typed.expectColumnValuesToNotBeNull("origin", { rowCondition: where("dealy", ">", 1) });
    // @ts-expect-error a misspelt option
    const misspelt = () => typed.expectColumnValuesToNotBeNull("origin", { mostley: 0.9 });
    assert.throws(misspelt, /"mostley" is not known/);
    const ofTable = suite("flights", await fromArrays({ delay: [1], origin: ["ORD"] }, { database }));
    ofTable.expectColumnMeanToBeBetween("delay", { minValue: 1 });
    // @ts-expect-error a column that the table has not
    ofTable.expectColumnValuesToNotBeNull("orgin");
    const inferred = await inferSuite(
      await fromArrays({ delay: [1], origin: ["ORD"] }, { database }),
      "flights",
    );
    inferred.expectColumnMeanToBeBetween("delay", { minValue: 1 });
    // @ts-expect-error a column of text has no mean
    inferred.expectColumnMeanToBeBetween("origin", { minValue: 1 });
    assert.equal(
      suite("any").expectColumnMeanToBeBetween("whatever", { minValue: 1 }).expectations.length,
      1,
    );
  });

  it("shows itself as HTML and as text", async () => {
    const result = await suite("shown <b>")
      .expectColumnValuesToBeInSet("origin", ["ORD"])
      .expectColumnValuesToNotBeNull("origin")
      .expectColumnValuesToNotBeNull("nowhere")
      .expectColumnValuesToBeNull("late", {
        rowCondition: allOf(where("delay", "<", 5), whereIn("origin", ["ORD"])),
      })
      .validate(flights);
    const display: unknown = Reflect.get(result, Symbol.for("Jupyter.display"));
    assert.equal(typeof display, "function");
    const bundle = typeof display === "function" ? display.call(result) : {};
    assert.match(bundle["text/html"], /<strong>shown &#60;b&#62;<\/strong>: 3 of 4 expectations are not met/);
    // What is not met comes first, what is met is folded away below it.
    assert.match(
      bundle["text/html"],
      /not met(?:(?!<details).)*no column(?:(?!<details).)*<details[^>]*><summary>1 met<\/summary>(?:(?!not met).)*to not be null/s,
    );
    assert.match(
      bundle["text/plain"],
      /FAILED {2}origin[^\n]*in set[^\n]*\n[^\n]*666 unexpected \(66\.60 %\)\n[^\n]*"JFK" ×10/,
    );
    assert.match(bundle["text/plain"], /no column "nowhere"/);
    assert.match(bundle["text/plain"], /values to be null · where delay < 5 and origin in \["ORD"\]/);
  });
});
