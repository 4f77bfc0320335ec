import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportCsv } from "../../../extension/data/csv-export.ts";
import { VariablesClient } from "../../../extension/data/variables-client.ts";
import { type TestKernel, runCell, startKernel } from "../../kernel/kernel-fixture.ts";

describe("export of a table as CSV", function () {
  this.timeout(60_000);
  let kernel: TestKernel;
  let client: VariablesClient;
  let folder: string;
  before(async () => {
    kernel = await startKernel();
    folder = await mkdtemp(join(tmpdir(), "tenon-csv-"));
    await runCell(
      kernel.client,
      "const rows = Array.from({ length: 2500 }, (_, n) => ({ n, text: n === 1 ? 'a \"b\",\\nc' : '한글', none: n ? null : NaN }));",
    );
    client = new VariablesClient(kernel.client);
    await client.connect();
  });
  after(async () => {
    await kernel?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const whole = { path: ["rows"], columns: ["text", "n", "none"], sort: [], filters: [] };

  it("writes all rows, in the chosen columns, quoted as RFC 4180 has it", async () => {
    const file = join(folder, "all.csv");
    const progress: number[] = [];
    const signal = new AbortController().signal;
    assert.equal(await exportCsv(client, whole, file, (rows) => progress.push(rows), signal), 2500);
    const text = await readFile(file, "utf8");
    assert.ok(text.startsWith('text,n,none\r\n한글,0,NaN\r\n"a ""b"",\nc",1,\r\n한글,2,\r\n'));
    assert.ok(text.endsWith("한글,2499,\r\n"));
    assert.deepEqual(progress, [1000, 2000, 2500]);
  });

  it("writes the rows that filters leave, in their order", async () => {
    const file = join(folder, "few.csv");
    await exportCsv(
      client,
      {
        ...whole,
        columns: ["n"],
        sort: [{ column: "n", descending: true }],
        filters: [{ column: "n", op: "<", value: 2 }],
      },
      file,
      () => {},
      new AbortController().signal,
    );
    assert.equal(await readFile(file, "utf8"), "n\r\n1\r\n0\r\n");
  });

  it("leaves the file as it was when it is stopped or fails", async () => {
    const file = join(folder, "kept.csv");
    await writeFile(file, "before");
    const abort = new AbortController();
    await assert.rejects(exportCsv(client, whole, file, () => abort.abort(), abort.signal));
    await assert.rejects(
      exportCsv(client, { ...whole, path: ["gone"] }, file, () => {}, new AbortController().signal),
    );
    assert.equal(await readFile(file, "utf8"), "before");
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith(".part")),
      [],
    );
  });
});
