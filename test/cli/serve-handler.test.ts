/** @file `tenon serve --handler`, as it is built: one process that a handler can't hold, and that ends when it is told to. */
import assert from "node:assert/strict";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { handlerCall, writeHandlerModule } from "../ml/serve/handler-modules.ts";
import { CliFolder, finish } from "./cli-fixture.ts";

describe("tenon serve --handler", function () {
  this.timeout(120_000);
  let folder: CliFolder;
  const running: ChildProcessWithoutNullStreams[] = [];
  before(async () => {
    folder = await CliFolder.create();
    writeHandlerModule(
      folder.path,
      "maybe",
      "predict({ inputs }) { while (inputs.x[0] < 0); return { y: inputs.x }; }, close() { console.log('closed'); }",
    );
  });
  afterEach(() => {
    for (const child of running.splice(0)) child.kill("SIGKILL");
  });
  after(async () => await folder.remove());

  const start = async (
    ...args: readonly string[]
  ): Promise<{ readonly child: ChildProcessWithoutNullStreams; readonly url: string }> => {
    const child = folder.start(["serve", "--port", "0", "--handler", "maybe.mjs", ...args]);
    running.push(child);
    let out = "";
    for await (const chunk of child.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
      out += String(chunk);
      const [, url] = /(http:\S+) serves maybe\n/.exec(out) ?? [];
      if (url !== undefined) return { child, url };
    }
    assert.fail(out);
  };
  const infer = async (url: string, x: number): Promise<number> => {
    const body = JSON.stringify(handlerCall(x));
    const { status } = await fetch(`${url}/v2/models/maybe/infer`, { method: "POST", body });
    return status;
  };

  it("ends at SIGTERM, and the handler is closed before", async () => {
    const { child, url } = await start();
    assert.equal(await infer(url, 1), 200);
    child.kill("SIGTERM");
    const { code, stdout, stderr } = await finish(child);
    assert.deepEqual([code, stdout, stderr], [0, "closed\n", ""]);
  });

  it("goes on while a call loops without end, stops it, and answers the next", async () => {
    await writeFile(join(folder.path, "operations.json"), '{"limits":{"maxComputeSeconds":2}}');
    const { child, url } = await start("--config", "operations.json");
    const endless = infer(url, -1);
    const over = new AbortController();
    void endless.finally(() => over.abort());
    let healthy = 0;
    while (!over.signal.aborted) {
      assert.equal((await fetch(`${url}/v2/health/live`)).status, 200);
      healthy += 1;
      await sleep(50);
    }
    assert.equal(await endless, 504);
    assert.ok(healthy > 5);
    assert.equal(await infer(url, 1), 200);
    child.kill("SIGTERM");
    const { code, stderr } = await finish(child);
    assert.equal(code, 0);
    assert.match(stderr, /^maybe, version 1: the model did not answer in 2 s and was stopped\n$/);
  });

  it("ends at SIGTERM while a call loops, when what is under way has had its time", async () => {
    const { child, url } = await start("--drain", "500");
    const endless = infer(url, -1).catch(() => "cut");
    await sleep(500);
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    assert.equal(await endless, "cut");
  });

  it("names a module that is no handler", async () => {
    await writeFile(join(folder.path, "typed.ts"), "export default 1 as number;\n");
    const { code, stderr } = await folder.run(["serve", "--port", "0", "--handler", "typed.ts"]);
    assert.equal(code, 1);
    assert.match(stderr, /typed\.ts: (this Node runs no TypeScript: use Node 22\.18|a handler needs a name)/);
  });
});
