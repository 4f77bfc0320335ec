import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCell, startKernel, type TestKernel } from "../kernel-fixture.ts";

describe("kernel: questions", () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startKernel();
  });
  after(() => kernel.stop());

  it("describes itself", async () => {
    const info = await kernel.client.kernelInfo();
    assert.equal(info.protocol_version, "5.5");
    assert.equal(info.language_info.name, "typescript");
    assert.deepEqual(info.supported_features, ["debugger", "kernel subshells"]);
  });

  it("completes by type, with kinds and a replacement range in code points", async () => {
    await runCell(kernel.client, "const words = ['a', 'b'];");
    // The emoji is one code point and two UTF-16 units.
    const code = "'😀'; words.toUp";
    const none = await kernel.client.complete(code);
    assert.deepEqual(none.matches, []);
    const inner = await kernel.client.complete("'😀'; words[0]!.toUp");
    assert.deepEqual(inner.matches, ["toUpperCase"]);
    assert.equal(inner.cursor_start, 15);
    assert.equal(inner.cursor_end, 19);
    const metadata = inner.metadata?.["_jupyter_types_experimental"];
    assert.ok(Array.isArray(metadata) && metadata[0].type === "method");
  });

  it("completes magics", async () => {
    assert.deepEqual((await kernel.client.complete("%ti")).matches, ["%time", "%timeit"]);
    assert.deepEqual((await kernel.client.complete("%%ma")).matches, ["%%markdown"]);
    assert.ok(!(await kernel.client.complete("10 %ti")).matches.includes("%time"));
  });

  it("inspects with type and documentation, in text and Markdown", async () => {
    await runCell(kernel.client, "/** The answer. */\nconst answer = 42;");
    const { found, data } = await kernel.client.inspect("answer + 1", 3);
    assert.equal(found, true);
    assert.match(String(data["text/plain"]), /const answer: 42[^]*The answer\./);
    assert.match(String(data["text/markdown"]), /```typescript/);
    assert.equal((await kernel.client.inspect("   ", 1)).found, false);
  });

  it("knows complete, incomplete and invalid code", async () => {
    assert.equal((await kernel.client.isComplete("1 + 1")).status, "complete");
    const incomplete = await kernel.client.isComplete("function f() {");
    assert.equal(incomplete.status, "incomplete");
    assert.equal(incomplete.indent, "  ");
    assert.equal((await kernel.client.isComplete("const = 1")).status, "invalid");
  });

  it("runs its magics, and names the nearest for one that does not exist", async () => {
    assert.match((await runCell(kernel.client, "%time 1 + 1")).stdout, /wall .* CPU/);
    assert.equal((await runCell(kernel.client, "%time 20 + 1")).result, "21");
    assert.match((await runCell(kernel.client, "%timeit Math.sqrt(2)")).stdout, /per loop \(7 runs of/);
    await runCell(kernel.client, "%env TENON_TEST=from magic");
    assert.equal((await runCell(kernel.client, `process.env["TENON_TEST"]`)).result, "'from magic'");
    const bash = await runCell(kernel.client, "%%bash\necho $TENON_TEST; exit 3");
    assert.equal(bash.stdout, "from magic\n");
    assert.match(bash.error?.evalue ?? "", /exit code 3/);
    const html = await runCell(kernel.client, "%%html\n<b>bold</b>");
    const [shown] = html.outputs;
    assert.ok(shown?.type === "display_data" && shown.data["text/html"] === "<b>bold</b>");
    const unknown = await runCell(kernel.client, "%tiem 1");
    assert.match(unknown.error?.evalue ?? "", /there is no %tiem; did you mean %time\?/);
    assert.match(JSON.stringify((await runCell(kernel.client, "%help")).outputs), /%timeit/);
  });
});

describe("kernel: %npm", () => {
  it("installs into the notebook's folder, and the next line imports with types", async function () {
    this.timeout(120_000);
    const kernel = await startKernel();
    try {
      const source = join(kernel.directory, "greeting-source");
      await mkdir(source);
      await writeFile(
        join(source, "package.json"),
        `{ "name": "greeting", "version": "1.0.0", "main": "index.js" }`,
      );
      await writeFile(join(source, "index.js"), `exports.greet = (name) => "Hello, " + name;`);
      await writeFile(join(source, "index.d.ts"), `export declare function greet(name: string): string;`);
      const missing = await runCell(kernel.client, `import { greet } from "greeting";`);
      assert.match(missing.error?.traceback ?? "", /TS2307[^]*%npm install greeting/);

      const run = await runCell(
        kernel.client,
        `%npm install ./greeting-source\nimport { greet } from "greeting";\ngreet("Ada")`,
      );
      assert.equal(run.result, "'Hello, Ada'", run.error?.traceback);
      const wrong = await runCell(kernel.client, "greet(5)");
      assert.match(wrong.error?.traceback ?? "", /TS2345: Argument of type 'number' is not assignable/);
      assert.match(await readFile(join(kernel.directory, "package.json"), "utf8"), /greeting/);
      assert.match(
        (await runCell(kernel.client, "%npm instal nothing-here")).error?.evalue ?? "",
        /exit code/,
      );
    } finally {
      await kernel.stop();
    }
  });
});

describe("kernel: history", () => {
  it("is kept across sessions, searched and ranged", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tenon-history-"));
    try {
      const first = await startKernel({ directory });
      await runCell(first.client, "const historic = 1");
      await runCell(first.client, "historic + 1");
      await first.stop();

      const second = await startKernel({ directory });
      await runCell(second.client, "'new session'");
      const tail = await second.client.history({ hist_access_type: "tail", n: 2, output: true });
      assert.deepEqual(tail.history, [
        [1, 2, ["historic + 1", "2"]],
        [2, 1, ["'new session'", "'new session'"]],
      ]);
      const search = await second.client.history({
        hist_access_type: "search",
        pattern: "*historic*",
        n: 10,
      });
      assert.deepEqual(
        search.history.map(([, , source]) => source),
        ["const historic = 1", "historic + 1"],
      );
      const range = await second.client.history({
        hist_access_type: "range",
        session: -1,
        start: 1,
        stop: 2,
      });
      assert.deepEqual(range.history, [[1, 1, "const historic = 1"]]);
      await second.stop();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
