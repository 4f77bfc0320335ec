import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TableComparison } from "../../ml/data/compare/index.ts";
import { TableProfile } from "../../ml/data/profile/index.ts";
import { rounded } from "../ml/data/profile-tables.ts";
import { repositoryRoot } from "../support/repository.ts";
import { CliFolder } from "./cli-fixture.ts";

const penguins = join(repositoryRoot, "node_modules/vega-datasets/data/penguins.json");

describe("tenon data profile and compare", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  beforeEach(async () => {
    folder = await CliFolder.create();
  });
  afterEach(() => folder.remove());

  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder.path, name), text);
    return name;
  };

  it("profiles a file, as text, as JSON, and as a page that carries the JSON", async () => {
    const text = await folder.run(["data", "profile", penguins]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^344 rows × 7 columns/);
    assert.match(text.stdout, /Species +varchar +mostly Adelie +3 +0/);
    const json = await folder.run(["data", "profile", penguins, "--json", "-o", "penguins.html"]);
    const profile = TableProfile.from(json.stdout);
    assert.equal(profile.column("Beak Length (mm)")?.missing, 2);
    const page = await readFile(join(folder.path, "penguins.html"), "utf8");
    const [, data = ""] =
      /<script type="application\/json" id="tenon-report">(.*?)<\/script>/s.exec(page) ?? [];
    assert.deepEqual(TableProfile.from(data).data, profile.data);
    const saved = await folder.run(["data", "profile", penguins, "-o", "penguins.json"]);
    assert.match(saved.stdout, /^Wrote penguins\.json\n$/);
    const again = TableProfile.from(await readFile(join(folder.path, "penguins.json"), "utf8"));
    assert.deepEqual(rounded(again), rounded(profile));
  });

  it("compares two files, with and without a key", async () => {
    const a = await file("a.csv", "id,x,part\n1,2,p\n2,4,q\n3,6,q\n");
    const b = await file("b.csv", "id,x,part\n2,4,q\n3,7,r\n4,8,r\n");
    const text = await folder.run(["data", "compare", a, b]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^a\.csv: 3 rows · b\.csv: 3 rows · 3 common columns/);
    const json = await folder.run(["data", "compare", a, b, "--key", "id", "--json"]);
    const { overlap, names } = TableComparison.from(json.stdout).data;
    assert.deepEqual([names, overlap?.both, overlap?.changedRows], [["a.csv", "b.csv"], 2, 1]);
    const page = await folder.run(["data", "compare", a, b, "-o", "changes.html"]);
    assert.equal(page.code, 0, page.stderr);
    assert.match(await readFile(join(folder.path, "changes.html"), "utf8"), /^<!doctype html>/);
  });

  it("profiles and comparisons show themselves in a notebook, and its page keeps their drawings", async () => {
    const setup = `import { compare, openDatabase, profile, tableSource } from "tenon/data";
const db = await openDatabase();
const table = await tableSource(db, "SELECT range AS id, range % 5 AS x, 'g' || range % 3 AS part FROM range(100)");`;
    await folder.write("look.ipynb", [setup, "await profile(table)", "await compare(table, table)"]);
    const run = await folder.run(["run", "look.ipynb", "--html", "look.html"]);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    assert.match(run.stdout, /100 rows × 3 columns · no missing values · no duplicate rows/);
    const page = await readFile(join(folder.path, "look.html"), "utf8");
    assert.match(page, /<svg[^>]* aria-label="Histogram of x"/);
    assert.match(page, /<svg[^>]* aria-label="part in a"/);
  });

  it("says in a line what is wrong, with the exit code for it", async () => {
    const csv = await file("a.csv", "id,x\n1,2\n");
    const text = await file("notes.txt", "id");
    const damaged = await file("damaged.parquet", "PAR1 and no more");
    const own = await file("own.json", '[{"id": 1}]');
    const wrong: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
      [["profile", "absent.csv"], 1, /^error: absent\.csv: there is no such file/],
      [["profile", text], 1, /^error: notes\.txt: tables are read from \.parquet/],
      [["profile", damaged], 1, /^error: damaged\.parquet: .*(?:magic bytes|too small)/],
      [
        ["profile", csv, "-o", "a.pdf"],
        2,
        /^error: --out a\.pdf: a report is written as \.html or as \.json$/,
      ],
      [["profile", own, "-o", own], 2, /^error: --out names a file that is read$/],
      [["profile", csv, "-o", "absent/a.html"], 1, /^error: cannot write .*absent/],
      [
        ["compare", csv, csv, "--key", "nothing"],
        2,
        /^error: the key column "nothing" is not in both tables$/,
      ],
    ];
    for (const [args, code, message] of wrong) {
      const result = await folder.run(["data", ...args]);
      assert.deepEqual([result.code, result.stdout], [code, ""], args.join(" "));
      assert.match(result.stderr.trimEnd(), message);
    }
  });
});
