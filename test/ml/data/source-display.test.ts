import assert from "node:assert/strict";
import * as v from "valibot";
import { openDatabase, type Database } from "../../../ml/data/database.ts";
import { compare } from "../../../ml/data/compare/index.ts";
import { profile } from "../../../ml/data/profile/index.ts";
import { summarizeTable } from "../../../ml/data/profile/table-summary.ts";
import { displaySource } from "../../../ml/data/source-display.ts";
import { tableSource } from "../../../ml/data/table-source.ts";

const people = `SELECT * FROM (VALUES (1, 'Ann', 1.5, DATE '2020-01-01'), (2, 'Bo', NULL, DATE '2020-01-03'), (2, 'Bo', 2.5, NULL))
  people(id, name, size, born)`;

describe("a table's display", function () {
  this.timeout(60_000);
  let database: Database;
  before(async () => {
    database = await openDatabase();
  });
  after(() => database.close());

  const show = async (sql: string) => {
    const bundle = await displaySource(await tableSource(database, sql));
    return { html: String(bundle["text/html"]), text: String(bundle["text/plain"]) };
  };

  it("has the first rows, types, missing values and shapes, as text", async () => {
    const { text } = await show(people);
    assert.match(text, /^ +id {2}name +size {2}born/);
    assert.match(text, /33\.3 % null/);
    assert.match(text, /3 rows × 4 columns$/);
  });

  it("summarises columns as counting them by hand does", async () => {
    const summary = await summarizeTable(await tableSource(database, people), 30);
    assert.deepEqual([summary.rows, summary.examinedRows], [3, 3]);
    assert.deepEqual(
      summary.columns.map(({ missing, bars, distinct, mostFrequent }) => ({
        missing,
        bars,
        distinct,
        mostFrequent,
      })),
      [
        { missing: 0, bars: [1, 2], distinct: undefined, mostFrequent: undefined },
        { missing: 0, bars: [2, 1], distinct: 2, mostFrequent: "Bo" },
        {
          missing: 1,
          bars: [1, ...Array.from({ length: 14 }, () => 0), 1],
          distinct: undefined,
          mostFrequent: undefined,
        },
        {
          missing: 1,
          bars: [1, ...Array.from({ length: 14 }, () => 0), 1],
          distinct: undefined,
          mostFrequent: undefined,
        },
      ],
    );
  });

  it("draws a histogram for numbers and shares for text, described for those who do not see them", async () => {
    const { html } = await show(people);
    assert.match(html, /aria-label="Histogram of id: 1 – 2"/);
    assert.match(html, /aria-label="Frequent values of name: 2 values"/);
    assert.match(html, /aria-label="Histogram of born: 2020-01-01 – 2020-01-03"/);
    assert.doesNotMatch(html, /color:#|<style|<script/);
  });

  it("writes names and values as text, whatever they hold", async () => {
    const hostile = `SELECT '<img src=x onerror=alert(1)>' AS "<q>""&'", 'a' || chr(10) || 'b' AS "line", '</svg><script>' AS s`;
    const { html, text } = await show(hostile);
    assert.doesNotMatch(html, /<img|<script|<q>/);
    assert.match(html, /&#60;q&#62;&#34;&#38;&#39;/);
    assert.equal(text.split("\n").length, 7);
    const source = await tableSource(database, `${hostile} UNION ALL ${hostile}`);
    for (const seen of [await profile(source), await compare(source, source, { names: ["<i>", "<u>"] })]) {
      assert.doesNotMatch(await seen.toHtml("<title>"), /<img|<q>|<i>|<u>|<title><|<script>alert/);
      const display: unknown = Reflect.get(seen, Symbol.for("Jupyter.display"));
      assert.ok(typeof display === "function");
      const bundle = v.parse(v.object({ "text/html": v.string() }), Reflect.apply(display, seen, []));
      assert.doesNotMatch(bundle["text/html"], /<img|<q>|<i>|<u>/);
    }
  });

  it("shows tables of no rows, of one value, of many columns, and of values without an order", async () => {
    assert.match((await show("SELECT 1 AS a, 'x' AS b WHERE false")).text, /0 rows × 2 columns$/);
    assert.match((await show("SELECT 5 AS a FROM range(3)")).html, /always 5/);
    const many = Array.from({ length: 40 }, (_, at) => `${at} AS c${at}`).join(", ");
    const { html, text } = await show(`SELECT ${many}`);
    assert.match(text, /1 row × 40 columns; the first 30 columns are shown$/);
    assert.doesNotMatch(html, />c30</);
    assert.match((await show("SELECT [1, 2] AS list, {a: 1} AS struct, NULL AS nothing")).text, /\[1,2\]/);
    const forever = "SELECT unnest(['2020-01-01', '2021-01-01', 'infinity', NULL]::DATE[]) AS until";
    assert.match((await show(forever)).html, /2020-01-01 – 2021-01-01/);
    assert.match((await show("SELECT unnest(['nan', 'inf', '-inf']::DOUBLE[]) AS x")).text, /33\.3 % null/);
  });

  it("of very large tables, is of the first rows and says so", async () => {
    const { text } = await show("SELECT range AS id, 'x' AS y FROM range(20000000)");
    assert.match(text, /20,000,000 rows × 2 columns; histograms and nulls of the first 15,000,000 rows$/);
  });
});
