import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startServerProcess } from "../support/server-process.ts";
import { cliEntry } from "./cli-fixture.ts";

describe("tenon server", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-cli-server-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = (): ReturnType<typeof startServerProcess> =>
    startServerProcess(process.execPath, (port) => [
      cliEntry,
      "server",
      join(folder, "runs"),
      "--port",
      port,
    ]);

  it("serves a folder, ends by a signal and goes on where it was", async () => {
    const first = await start();
    const create = await fetch(`${first.url}/api/2.0/mlflow/experiments/create`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "kept" }),
    });
    assert.deepEqual(await create.json(), { experiment_id: "1" });
    await first.stop();
    assert.ok(existsSync(join(folder, "runs/tenon.db")));
    const second = await start();
    const found = await fetch(`${second.url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=kept`);
    assert.equal(found.status, 200);
    await second.stop();
  });

  it("a port that is taken, a folder that is a file, a wrong port: one line and an exit code", async () => {
    const fails = async (...args: readonly string[]): Promise<{ code: number; stderr: string }> => {
      try {
        await promisify(execFile)(process.execPath, [cliEntry, "server", ...args], { timeout: 20_000 });
      } catch (error) {
        const { code, stderr } = Object(error) as { code: number; stderr: string };
        return { code, stderr };
      }
      throw new Error("it did not fail");
    };
    const running = await start();
    const port = new URL(running.url).port;
    const taken = await fails(join(folder, "other"), "--port", port);
    await running.stop();
    assert.deepEqual(taken, {
      code: 1,
      stderr: `error: port ${port} is taken: choose another with --port\n`,
    });
    writeFileSync(join(folder, "file"), "");
    const file = await fails(join(folder, "file"), "--port", "0");
    assert.equal(file.code, 1);
    assert.equal(file.stderr.split("\n").length, 2, file.stderr);
    assert.equal((await fails(folder, "--port", "99999")).code, 2);
  });
});
