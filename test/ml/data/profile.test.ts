import assert from "node:assert/strict";
import { openDatabase, type Database } from "../../../ml/data/database.ts";
import { profile, ProfileFormatError, TableProfile } from "../../../ml/data/profile/index.ts";
import type { ColumnProfile, NumberStatistics } from "../../../ml/data/profile/index.ts";
import { tableSource } from "../../../ml/data/table-source.ts";
import { reference, rounded, writeTable } from "./profile-tables.ts";
import { assertCloseTo } from "../close-to.ts";

describe("profile", function () {
  this.timeout(60_000);
  let database: Database;
  before(async () => {
    database = await openDatabase();
  });
  after(() => database.close());

  describe("of the reference table", () => {
    let seen: TableProfile;
    before(async () => {
      seen = await profile(await writeTable(database, "reference", reference.table));
    });

    it("counts rows, columns and missing cells", () => {
      assert.equal(seen.data.rows, 400);
      assert.deepEqual(
        seen.data.columns.map(({ name }) => name),
        Object.keys(reference.table),
      );
      assert.equal(seen.data.sampledRows, undefined);
    });

    for (const expected of reference.numbers)
      it(`statistics of ${expected.name} are pandas'`, () => {
        const column = known(seen, expected.name);
        const found = numbersOf(column);
        assert.deepEqual(
          [column.missing, column.distinct],
          [expected.missing, { count: expected.distinct, approximate: false }],
        );
        assert.deepEqual(
          [found.min, found.max, found.zeros, found.outliers],
          [expected.min, expected.max, expected.zeros, expected.outliers],
        );
        close(found.mean, expected.mean, 1e-12);
        close(found.standardDeviation, expected.standardDeviation, 1e-9);
        // pandas computes the third and fourth moments of values near 1e9 less precisely than this.
        close(found.skewness, expected.skewness, expected.name === "large" ? 1e-6 : 1e-9);
        close(found.kurtosis, expected.kurtosis, expected.name === "large" ? 1e-6 : 1e-9);
        for (const [at, value] of expected.quantiles.entries())
          close(found.quantiles[at]?.value, value, 1e-12);
        assert.deepEqual(found.histogram.counts, expected.histogram);
        for (const [at, value] of expected.edges.entries()) close(found.histogram.edges[at], value, 1e-12);
      });

    for (const expected of reference.categories)
      it(`frequencies of ${expected.name} are pandas'`, () => {
        const column = known(seen, expected.name);
        assert.deepEqual([column.missing, column.distinct.count], [expected.missing, expected.distinct]);
        assert.deepEqual(
          column.top.values.map(({ value, count }) => [value, count]),
          expected.top,
        );
      });

    it("correlations are pandas', SciPy's and the formula's", () => {
      const { pearson, spearman, cramersV, correlationRatio } = seen.data.associations;
      assert.deepEqual(pearson?.columns, reference.varied);
      // pandas computes that of values near 1e9 less precisely.
      matrixClose(pearson?.values, reference.pearson, 1e-7);
      assert.deepEqual(spearman?.columns, reference.varied);
      matrixClose(spearman?.values, reference.spearman, 1e-12);
      assert.deepEqual(cramersV?.columns, reference.categoryNames);
      matrixClose(cramersV?.values, reference.cramersV, 1e-12);
      assert.deepEqual(
        [correlationRatio?.categories, correlationRatio?.numbers],
        [reference.categoryNames, reference.varied],
      );
      matrixClose(correlationRatio?.values, reference.correlationRatio, 1e-7);
    });

    it("patterns of missing values are pandas'", () => {
      const { patterns, completeRows, patternCount, cells } = seen.data.missing;
      const key = (pattern: { readonly columns: readonly string[]; readonly rows: number }): string =>
        JSON.stringify(pattern);
      assert.deepEqual(patterns.map(key).sort(), reference.patterns.map(key).sort());
      assert.deepEqual([completeRows, patternCount], [reference.completeRows, reference.patterns.length]);
      assert.equal(
        cells,
        seen.data.columns.reduce((sum, { missing }) => sum + missing, 0),
      );
    });

    it("goes through JSON unchanged", () => {
      assert.deepEqual(TableProfile.from(JSON.stringify(seen)).data, seen.data);
    });
  });

  it("counts duplicate rows as pandas' duplicated", async () => {
    await writeTable(database, "once", reference.table);
    const [some, few] = reference.repeated;
    const sql = `FROM once UNION ALL (FROM once LIMIT ${some}) UNION ALL (FROM once LIMIT ${few})`;
    const { data } = await profile(await tableSource(database, sql));
    assert.equal(data.duplicateRows, reference.duplicateRows);
    assert.ok(data.warnings.some(({ code }) => code === "duplicate-rows"));
  });

  it("of more rows than are exact, says what is an estimate, and estimates well", async () => {
    const sql = `SELECT i AS id, i % 7 AS few, (i * 7919) % 30011 AS many, CASE WHEN i % 3 = 0 THEN NULL ELSE sin(i) END AS wave,
      'g' || (i % 5) AS grouped, sin(i) * 3 + 1 AS same FROM range(200000) t(i)`;
    const source = await tableSource(database, sql);
    const sampled = await profile(source, { exactRows: 20_000 });
    const exact = await profile(source, { exactRows: 1_000_000 });
    assert.ok(Math.abs((sampled.data.sampledRows ?? 0) - 20_000) < 1000);
    assert.equal(exact.data.sampledRows, undefined);
    assert.deepEqual(known(sampled, "few").distinct, { count: 7, approximate: false });
    assert.deepEqual(known(sampled, "grouped").top, known(exact, "grouped").top);
    for (const name of ["id", "many"]) {
      const { count, approximate } = known(sampled, name).distinct;
      const truth = known(exact, name).distinct;
      assert.deepEqual([approximate, truth.approximate], [true, false]);
      assert.ok(Math.abs(count / truth.count - 1) < 0.04, `${name}: ${count} for ${truth.count}`);
    }
    const [estimate, truth] = [numbersOf(known(sampled, "wave")), numbersOf(known(exact, "wave"))];
    assert.deepEqual([estimate.quantilesApproximate, truth.quantilesApproximate], [true, false]);
    for (const [at, { value }] of truth.quantiles.entries())
      assert.ok(Math.abs((estimate.quantiles[at]?.value ?? 9) - value) < 0.02);
    assert.deepEqual(estimate.histogram, truth.histogram);
    close(estimate.mean, truth.mean, 1e-12);
    matrixClose(
      sampled.data.associations.pearson?.values,
      exact.data.associations.pearson?.values ?? [],
      1e-12,
    );
    matrixClose(
      sampled.data.associations.spearman?.values,
      exact.data.associations.spearman?.values ?? [],
      0.03,
    );
    assert.equal(sampled.data.associations.spearman?.sampledRows, sampled.data.sampledRows);
    assert.deepEqual(rounded((await profile(source, { exactRows: 20_000 })).data), rounded(sampled.data));
  });

  it("reads a table anew where a copy would be too large, to the same figures and the same sample", async () => {
    const columns = (more: string): string =>
      `SELECT range AS id, sqrt(range) AS root, range % 7 AS few${more} FROM range(1400000)`;
    // Thirty columns of 1.4 million rows are too many values to copy, three are not.
    const more = Array.from({ length: 27 }, (_, at) => `, 1 AS c${at}`).join("");
    const options = { exactRows: 20_000 };
    const copied = await profile(await tableSource(database, columns("")), options);
    const wide = await profile(await tableSource(database, columns(more)), options);
    assert.deepEqual(rounded(wide.data.columns.slice(0, 3)), rounded(copied.data.columns));
    assert.equal(wide.data.sampledRows, copied.data.sampledRows);
    assert.deepEqual(rounded(wide.data.associations.spearman), rounded(copied.data.associations.spearman));
  });

  it("drops what an interrupt left, the next time", async () => {
    const abort = new AbortController();
    const host = { version: 1, signal: abort.signal };
    const symbol = Symbol.for("tenon.notebook");
    const source = await tableSource(database, "SELECT range AS a FROM range(1000)");
    Reflect.set(globalThis, symbol, host);
    try {
      const stopped = profile(source, {
        onProgress: (_, done) => done > 0.5 && abort.abort(new Error("interrupted")),
      });
      await assert.rejects(stopped, /interrupted/);
    } finally {
      Reflect.deleteProperty(globalThis, symbol);
    }
    const left = async () =>
      (await database.query("SELECT table_name FROM duckdb_tables() WHERE temporary")).rows.length;
    assert.equal(await left(), 1);
    await profile(source);
    assert.equal(await left(), 0);
  });

  it("takes columns of every type", async () => {
    const sql = `SELECT * FROM (VALUES
      (true, 1::TINYINT, 9007199254740993::BIGINT, 1.50::DECIMAL(9,2), DATE '2020-02-03', TIMESTAMP '2020-02-03 04:05:06.789',
       TIMESTAMPTZ '2020-02-03 04:05:06+00', TIME '01:02:03', INTERVAL 2 DAY, [1, 2], {a: 1}, MAP {'k': 1}, '\\x00'::BLOB,
       '{"a": 1}'::JSON, gen_random_uuid(), 170141183460469231731687303715884105727::HUGEINT),
      (NULL, NULL, -9007199254740993, NULL, DATE '1999-12-31', 'infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
      t(b, tiny, big, money, day, moment, instant, clock, span, list, struct, map, bytes, json, uuid, huge)`;
    const seen = await profile(await tableSource(database, sql));
    assert.deepEqual(numbersOf(known(seen, "big")).min, "-9007199254740993");
    assert.equal(numbersOf(known(seen, "huge")).max, "170141183460469231731687303715884105727");
    assert.equal(numbersOf(known(seen, "money")).mean, 1.5);
    assert.deepEqual(
      [known(seen, "day").date?.min, known(seen, "day").date?.max],
      ["1999-12-31", "2020-02-03"],
    );
    assert.equal(known(seen, "moment").date?.max, "2020-02-03T04:05:06.789");
    assert.equal(known(seen, "instant").date?.max, "2020-02-03T04:05:06Z");
    assert.deepEqual(known(seen, "list").top.values, [{ value: "[1, 2]", count: 1 }]);
    assert.equal(known(seen, "b").kind, "boolean");
    assert.deepEqual(TableProfile.from(JSON.stringify(seen)).data, seen.data);
  });

  it("takes NaN as missing and leaves infinite values out", async () => {
    const sql = "SELECT unnest([1::DOUBLE, 2, 3, 'nan', 'inf', '-inf', NULL]) AS x";
    const seen = await profile(await tableSource(database, sql));
    const column = known(seen, "x");
    const { nan, infinite, mean, min, max } = numbersOf(column);
    assert.deepEqual([column.missing, nan, infinite, mean, min, max], [2, 1, 2, 2, 1, 3]);
    assert.deepEqual(codes(seen, "x"), ["infinite"]);
  });

  it("does not lose itself in huge numbers", async () => {
    const sql = "SELECT unnest([1e308, 1.5e308, -1e308, 1e300]) AS x, unnest([1, 2, 3, 4]) AS y";
    const seen = await profile(await tableSource(database, sql));
    assert.equal(numbersOf(known(seen, "x")).max, 1.5e308);
    assert.deepEqual(TableProfile.from(JSON.stringify(seen)).data, seen.data);
  });

  it("takes tables of no rows, one row, and names that need quoting", async () => {
    const empty = await profile(await tableSource(database, "SELECT 1 AS a, 'x' AS b WHERE false"));
    assert.deepEqual([empty.data.rows, empty.data.warnings.map(({ code }) => code)], [0, ["no-rows"]]);
    assert.deepEqual(TableProfile.from(JSON.stringify(empty)).data, empty.data);
    const one = await profile(
      await tableSource(database, `SELECT 1 AS "a ""b"" c", 'x' AS "select", NULL::INTEGER AS "é;--"`),
    );
    assert.equal(numbersOf(known(one, 'a "b" c')).standardDeviation, null);
    assert.deepEqual(codes(one, "é;--"), ["all-missing"]);
  });

  it("warns of what spoils models", async () => {
    const sql = `SELECT i AS id, 'k' || i AS key, 5 AS same, CASE WHEN i % 10 > 0 THEN NULL ELSE i % 3 END AS rare,
      CASE WHEN i % 20 = 0 THEN -999 ELSE 100 + i % 50 END AS age, (i % 300)::VARCHAR AS digits, CASE WHEN i % 5 = 0 THEN 'N/A' ELSE 'b' || i % 4 END AS gaps,
      (DATE '2020-01-01' + (i % 100)::INTEGER)::VARCHAR AS days, CASE WHEN i % 4 = 0 THEN ' ' ELSE 'a' || i % 3 END AS blanks,
      'a' || i % 3 || CASE WHEN i % 9 = 0 THEN ' ' ELSE '' END AS spaced,
      i = 1 AS nearly, exp((i % 97) / 8.0) AS tail, CASE WHEN i % 3 = 0 THEN i % 11 ELSE 0 END AS zeros, i * 2.0 + 1 AS twice
      FROM range(1000) t(i)`;
    const seen = await profile(await tableSource(database, sql));
    const expected: Readonly<Record<string, string>> = {
      id: "unique",
      key: "unique",
      same: "constant",
      rare: "mostly-missing",
      age: "suspicious-value",
      gaps: "suspicious-value",
      digits: "numbers-as-text",
      days: "dates-as-text",
      blanks: "blank-text",
      spaced: "untrimmed-text",
      nearly: "imbalanced",
      tail: "outliers",
      zeros: "zeros",
      twice: "high-correlation",
    };
    for (const [name, code] of Object.entries(expected))
      assert.ok(codes(seen, name).includes(code), `${name}: ${codes(seen, name).join()}`);
    const { data } = await profile(
      await tableSource(
        database,
        "SELECT i AS plain, i % 2 = 0 AS even FROM (VALUES (4), (5), (7), (5), (6)) t(i)",
      ),
    );
    assert.deepEqual(
      data.warnings.map(({ code }) => code),
      ["duplicate-rows"],
    );
  });

  it("leaves no table behind, also when the query fails", async () => {
    const source = { ...(await tableSource(database, "SELECT 1 AS a")), sql: "SELECT error('bad row') AS a" };
    await assert.rejects(profile(source), /bad row/);
    const { rows } = await database.query("SELECT table_name FROM duckdb_tables() WHERE temporary");
    assert.deepEqual(rows, []);
  });

  it("refuses JSON that is no profile, by name", () => {
    assert.throws(() => TableProfile.from("{"), ProfileFormatError);
    assert.throws(() => TableProfile.from({ format: "other" }), /no profile/);
    assert.throws(() => TableProfile.from({ format: "tenon.profile", version: 2 }), /version 2.*update/);
    assert.throws(
      () => TableProfile.from({ format: "tenon.profile", version: 1, rows: -1 }),
      /damaged at rows/,
    );
  });
});

function known(seen: TableProfile, name: string): ColumnProfile {
  const column = seen.column(name);
  assert.ok(column, `no column ${name}`);
  return column;
}

function numbersOf({ name, number }: ColumnProfile): NumberStatistics {
  assert.ok(number, `${name} has no numbers`);
  return number;
}

function codes(seen: TableProfile, name: string): string[] {
  return seen.data.warnings.filter(({ columns }) => columns.includes(name)).map(({ code }) => code);
}

/** Equal within a relative tolerance, absolute below 1; null only where null is expected. */
function close(actual: number | null | undefined, expected: number | null, tolerance: number): void {
  if (expected === null || typeof actual !== "number") assert.equal(actual, expected);
  else assertCloseTo([actual], [expected], tolerance * Math.max(1, Math.abs(expected)));
}

function matrixClose(
  actual: readonly (readonly (number | null)[])[] | undefined,
  expected: readonly (readonly (number | null)[])[],
  tolerance: number,
): void {
  assert.equal(actual?.length, expected.length);
  for (const [i, row] of expected.entries())
    for (const [j, value] of row.entries()) close(actual?.[i]?.[j], value, tolerance);
}
