import assert from "node:assert/strict";
import { NotebookVariables, type VariablesEvent } from "../../../extension/data/notebook-variables.ts";
import { VariablesClosedError, VariablesError } from "../../../extension/data/variables-client.ts";
import { KernelSession } from "../../../extension/kernels/kernel-session.ts";
import { kernelArgv } from "../../../jupyter/kernelspec.ts";
import { settle } from "../../support/settle.ts";
import { kernelEntry, repositoryRoot, runCell } from "../../kernel/kernel-fixture.ts";

async function waitUntil(what: string, holds: () => boolean): Promise<void> {
  assert.ok(await settle(holds, 20_000), `waited for ${what}`);
}

describe("variables of a notebook", function () {
  this.timeout(60_000);
  let session: KernelSession;
  let variables: NotebookVariables;
  const events: VariablesEvent[] = [];
  before(() => {
    session = new KernelSession("file:///a.ipynb", async () => ({
      argv: kernelArgv(process.execPath, kernelEntry),
      cwd: repositoryRoot,
      env: {},
      onLog: () => {},
    }));
    variables = new NotebookVariables(session, (error) => assert.fail(String(error)));
    variables.onEvent((event) => events.push(event));
  });
  after(async () => {
    variables.dispose();
    await session.stop();
  });
  const run = async (code: string): Promise<void> => {
    const { error } = await runCell(await session.start(), code);
    assert.equal(error, undefined);
  };
  const names = (): readonly string[] => variables.variables.map(({ name }) => name);

  it("says what to do without a kernel", async () => {
    await assert.rejects(variables.client(), VariablesClosedError);
    assert.equal(variables.isReady, false);
  });

  it("follows each cell", async () => {
    await run("const rows = Array.from({ length: 5000 }, (_, n) => ({ n, square: n * n })); let count = 1;");
    await waitUntil("the names", () => names().join() === "rows,count");
    assert.equal(variables.variables[0]?.shape, "5,000 × 2");
    await run("count = 2; const late = 'x';");
    await waitUntil("another name", () => names().join() === "rows,count,late");
    assert.equal(variables.variables[1]?.preview, "2");
    assert.equal(variables.total, 3);
    assert.equal(events[0]?.type, "ready");
  });

  it("pages, sorts, filters and profiles in the kernel", async () => {
    const client = await variables.client();
    const page = await client.page(["rows"], {
      offset: 1,
      limit: 2,
      sort: [{ column: "n", descending: true }],
      filters: [{ column: "square", op: "<", value: 100 }],
    });
    assert.deepEqual(page.rows, [
      [8, 64],
      [7, 49],
    ]);
    assert.deepEqual([page.rowCount, page.totalRowCount], [10, 5000]);
    const { columns } = await client.profile(["rows"], { columns: ["n"], filters: [] });
    assert.equal(columns[0]?.max, 4999);
    assert.equal((await client.children(["rows"], 10, 1)).children[0]?.name, "10");
    await assert.rejects(
      client.page(["none"], { offset: 0, limit: 1, sort: [], filters: [] }),
      VariablesError,
    );
  });

  it("answers what waits when the kernel goes, and begins anew with the next one", async () => {
    const client = await variables.client();
    const kernel = await session.start();
    kernel.execute("while (true) {}").reply.catch(() => {});
    const waiting = client.page(["rows"], { offset: 0, limit: 1, sort: [], filters: [] });
    const rejected = assert.rejects(waiting, VariablesClosedError);
    await session.restart();
    await rejected;
    await waitUntil("an empty list", () => variables.isReady && names().length === 0);
    await run("const again = 1;");
    await waitUntil("the new name", () => names().join() === "again");
    await session.stop();
    assert.equal(variables.isReady, false);
    assert.deepEqual(
      events.filter(({ type }) => type !== "changed").map(({ type }) => type),
      ["ready", "gone", "ready", "gone"],
    );
  });
});
