import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../ml/data/index.ts";
import { clientSource, readModel, readSignature, verifyModel } from "../../ml/package/index.ts";
import { loanTable, statusPipeline } from "../ml/package/loan-models.ts";
import { CliFolder } from "./cli-fixture.ts";

describe("tenon package, tenon client", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  const at = (name: string): string => join(folder.path, name);
  before(async () => {
    folder = await CliFolder.create();
    using database = await openDatabase();
    const loans = await loanTable(database);
    await loans.writeParquet(at("loans.parquet"));
    writeFileSync(at("risk.json"), JSON.stringify(await statusPipeline(loans)));
  });
  after(() => folder.remove());

  it("write a model directory, and a client of it", async () => {
    const options = ["--name", "Credit risk", "--description", "Tells bad loans.", "--license", "apache-2.0"];
    const packaged = await folder.run([
      "package",
      "risk.json",
      "--out",
      "models/risk",
      "--rows",
      "loans.parquet",
      ...options,
    ]);
    assert.deepEqual([packaged.code, packaged.stdout, packaged.stderr], [0, "Wrote models/risk\n", ""]);
    await using model = await readModel(at("models/risk"));
    assert.equal((await verifyModel(model)).passed, true);
    const card = readFileSync(at("models/risk/README.md"), "utf8");
    assert.match(card, /^---\nlibrary_name: tenon\nlicense: apache-2.0\n/);
    assert.match(card, /# Credit risk\n\nTells bad loans\.\n/);
    const expected = clientSource(await readSignature(at("models/risk")));
    const written = await folder.run(["client", "models/risk", "--out", "risk-client.ts"]);
    assert.deepEqual([written.code, written.stdout], [0, "Wrote risk-client.ts\n"]);
    assert.equal(readFileSync(at("risk-client.ts"), "utf8"), expected);
    assert.equal((await folder.run(["client", "models/risk"])).stdout, expected);
  });

  it("say in a line what is wrong, and write nothing", async () => {
    writeFileSync(at("no.json"), "{}");
    writeFileSync(at("other.csv"), "a,b\n1,2\n");
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [["package", "risk.json"], 2, /required option '-o, --out <directory>'/],
      [["package", "nowhere.json", "--out", "m"], 1, /nowhere.json does not exist/],
      [["package", "no.json", "--out", "m"], 1, /no.json: this is no fitted pipeline: /],
      [["package", "loans.parquet", "--out", "m"], 1, /loans.parquet: Unexpected token/],
      [["package", "risk.json", "--out", "risk.json"], 1, /there is something of this name already/],
      [
        ["package", "risk.json", "--out", "m", "--rows", "other.csv"],
        1,
        /there is no column "age"; there are: a, b/,
      ],
      [["client", "nowhere"], 1, /"MLmodel" cannot be found/],
      [["client", "nowhere", "--out", "client.py"], 2, /a client is TypeScript/],
    ];
    for (const [args, code, message] of cases) {
      const result = await folder.run(args);
      assert.equal(result.code, code, `${args.join(" ")}: ${result.stderr}`);
      assert.match(result.stderr, message);
      assert.doesNotMatch(result.stderr, /\n\s+at /);
    }
    assert.equal(existsSync(at("m")), false);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.endsWith(".tmp")),
      [],
    );
  });
});
