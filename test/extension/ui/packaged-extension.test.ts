/** @file The packaged extension works away from the repository: a cell imports the library and is type-checked. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { requireChromium } from "../../support/chromium.ts";
import { packagedExtension } from "../support/installed-extension.ts";
import { notebookFile } from "../support/notebook-file.ts";
import { Workbench } from "../support/workbench.ts";

/** What the package may weigh, in bytes: DuckDB, ONNX Runtime and the TypeScript compiler are 52 million of them. */
const sizeBudget = 80e6;

const query = `import { openDatabase } from "tenon/data";
using database = await openDatabase();
const answers = await database.query("select 40 + 2 as answer");
console.log(answers.rows.length, JSON.stringify(answers.rows[0]));`;

describe("the packaged extension", function () {
  this.timeout(600_000);
  let workbench: Workbench | undefined;

  before(function () {
    requireChromium(this);
  });
  after(async () => await workbench?.close());

  it(`weighs no more than ${sizeBudget / 1e6} MB`, async () => {
    const { size } = statSync(await packagedExtension());
    assert.ok(size <= sizeBudget, `${(size / 1e6).toFixed(1)} MB`);
  });

  it("runs cells that import the library, with its types", async () => {
    workbench = await Workbench.open({
      packaged: true,
      files: { "a.ipynb": notebookFile(query, "const count: string = answers.rows.length;") },
    });
    const notebook = await workbench.openNotebook("a.ipynb");
    await notebook.cell(0).run();
    assert.equal(await notebook.cell(0).outputText(), '1 {"answer":42}');
    await notebook.cell(1).run();
    assert.equal(await notebook.cell(1).status(), "error");
    await notebook.cell(1).waitForOutput("Type 'number' is not assignable to type 'string'");
    await workbench.screenshot("packaged-extension");
  });
});
