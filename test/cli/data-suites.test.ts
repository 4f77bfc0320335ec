import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { CliFolder } from "./cli-fixture.ts";

const csv = `city,kind,people,founded
Zürich,town,434335,0015-01-01
Bern,town,134506,1191-01-01
Chur,town,38293,
Zermatt,village,5802,1280-04-27
`;

describe("tenon data", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  beforeEach(async () => {
    folder = await CliFolder.create();
    await writeFile(join(folder.path, "cities.csv"), csv);
  });
  afterEach(() => folder.remove());

  const write = async (name: string, content: string): Promise<void> => {
    await writeFile(join(folder.path, name), content);
  };

  it("a suite that is inferred is met by its data, and 0 is the exit code", async () => {
    const inferred = await folder.run(["data", "infer", "cities.csv", "--out", "cities.suite.json"]);
    assert.deepEqual([inferred.code, inferred.stderr], [0, ""]);
    const printed = await folder.run(["data", "infer", "cities.csv"]);
    assert.equal(printed.stdout, await readFile(join(folder.path, "cities.suite.json"), "utf8"));
    const { code, stdout, stderr } = await folder.run([
      "data",
      "validate",
      "cities.suite.json",
      "cities.csv",
    ]);
    assert.deepEqual([code, stderr], [0, ""], stdout);
    assert.match(stdout, /cities: all \d+ expectations are met/);
  });

  it("data that has changed is told apart, with examples, and 1 is the exit code", async () => {
    await folder.run(["data", "infer", "cities.csv", "--out", "cities.suite.json"]);
    await write("later.csv", csv.replace("village", "hamlet").replace("38293", "-1"));
    const args = ["data", "validate", "cities.suite.json", "later.csv"];
    const { code, stdout, stderr } = await folder.run(args);
    assert.deepEqual([code, stderr], [1, ""]);
    assert.match(
      stdout,
      /FAILED {2}kind +values to be in set[^\n]*\n +1 unexpected \(25\.00 %\)\n +such as "hamlet"/,
    );
    assert.match(stdout, /FAILED {2}people +values to be between[^\n]*\n +1 unexpected/);
    const json = await folder.run([...args, "--json"]);
    assert.equal(json.code, 1);
    const result = v.parse(
      v.looseObject({
        success: v.literal(false),
        statistics: v.looseObject({ unsuccessful_expectations: v.number() }),
        results: v.array(v.looseObject({ success: v.boolean() })),
      }),
      JSON.parse(json.stdout),
    );
    const failed = result.results.filter(({ success }) => !success);
    assert.equal(failed.length, 2);
    assert.equal(result.statistics.unsuccessful_expectations, 2);
  });

  it("reads a suite of Great Expectations, other formats and patterns", async () => {
    await write(
      "gx.json",
      JSON.stringify({
        name: "gx",
        id: "3f0c6c0e-5d0c-4a0e-9a53-0d5d2c1d0f11",
        expectations: [
          {
            id: "0a9d8c7b-0000-4000-8000-000000000000",
            type: "expect_column_values_to_be_between",
            kwargs: { column: "a", min_value: 1, max_value: null, batch_id: "x" },
            meta: {},
            severity: "critical",
          },
          { type: "expect_table_row_count_to_equal", kwargs: { value: 4 }, meta: {}, severity: "warning" },
        ],
        meta: { great_expectations_version: "1.24.1" },
        notes: null,
      }),
    );
    await write("one.ndjson", '{"a": 1}\n{"a": 2}\n');
    await write("two.ndjson", '{"a": 3}\n{"a": 4}\n');
    assert.equal((await folder.run(["data", "validate", "gx.json", "*.ndjson"])).code, 0);
    await write("table.txt", "a\n1\n2\n3\n4\n");
    assert.equal((await folder.run(["data", "validate", "gx.json", "table.txt"])).code, 2);
    const named = await folder.run(["data", "validate", "gx.json", "table.txt", "--format", "csv"]);
    assert.equal(named.code, 0, named.stderr + named.stdout);
  });

  it("what can't be read ends with 2 and says why", async () => {
    await write(
      "unknown.json",
      '{"name": "s", "expectations": [{"type": "expect_column_to_exit", "kwargs": {}}]}',
    );
    await write("good.json", '{"name": "s", "expectations": []}');
    await write("broken.json", '{"name": "s", ');
    await write("newer.json", '{"name": "s", "expectations": [], "meta": {"tenon_suite_version": 99}}');
    await write("broken.csv", `a,b\n${"1,2\n".repeat(50_000)}x,"y\n`);
    await write("broken.parquet", "PAR1 and no more");
    const wrong: readonly (readonly [string, string, RegExp])[] = [
      ["none.json", "cities.csv", /none\.json does not exist/],
      ["broken.json", "cities.csv", /broken\.json is no JSON/],
      ["newer.json", "cities.csv", /version 99/],
      ["unknown.json", "cities.csv", /did you mean "expect_column_to_exist"/],
      ["good.json", "none.csv", /cannot read none\.csv/],
      ["good.json", "broken.parquet", /cannot read broken\.parquet/],
      ["good.json", "broken.csv", /cannot read broken\.csv: .*CSV/],
      ["good.json", "cities", /--format is one of parquet, csv/],
    ];
    for (const [suite, file, message] of wrong) {
      const { code, stdout, stderr } = await folder.run(["data", "validate", suite, file]);
      assert.deepEqual([code, stdout], [2, ""], file);
      assert.match(stderr, message);
      assert.equal(stderr.includes("    at "), false, stderr);
    }
  });
});
