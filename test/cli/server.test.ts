import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

describe("tenon server users", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-cli-users-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const users = async (
    ...args: readonly string[]
  ): Promise<{ code: number; stdout: string; stderr: string }> => {
    const all = [cliEntry, "server", "users", ...args, "--folder", folder];
    try {
      return { code: 0, ...(await promisify(execFile)(process.execPath, all, { timeout: 20_000 })) };
    } catch (error) {
      return Object(error) as { code: number; stdout: string; stderr: string };
    }
  };

  it("users are added, get tokens that the server takes, are listed and removed", async () => {
    assert.equal((await users("add", "ada", "--role", "writer", "--no-password")).code, 0);
    const token = (
      await users("token", "add", "ada", "--label", "laptop", "--expires-in", "30")
    ).stdout.trim();
    assert.match(token, /^tenon_[0-9a-f]{12}_[\w-]{43}$/);
    const listed = await users("list");
    assert.match(
      listed.stdout,
      /^ada {3}writer {4}no password\n {6}token [0-9a-f]{12} {2}laptop {2}until \d{4}-/,
    );
    assert.equal(listed.stdout.includes(token), false);
    const server = await startServerProcess(process.execPath, (port) => [
      cliEntry,
      "server",
      folder,
      "--port",
      port,
    ]);
    const url = `${server.url}/api/2.0/mlflow/experiments/get?experiment_id=0`;
    assert.equal((await fetch(url)).status, 401);
    const asked = { headers: { authorization: `Bearer ${token}` } };
    assert.equal((await fetch(url, asked)).status, 200);
    assert.equal((await users("remove", "ada")).code, 0);
    // The first user of a store that had none counts within a second, a removed one at once.
    await users("add", "eve", "--role", "reader", "--no-password");
    assert.equal((await fetch(url, asked)).status, 401);
    await server.stop();
  });

  it("an open server without users, a wrong role, nobody to ask: one line and an exit code", async () => {
    const role = await users("add", "ada", "--role", "boss", "--no-password");
    assert.deepEqual(
      [role.code, role.stderr],
      [1, "error: There is no role 'boss': it is one of reader, writer, approver, admin\n"],
    );
    const nobody = await users("add", "ada", "--role", "admin");
    assert.equal(nobody.code, 2);
    assert.match(nobody.stderr, /--password-stdin, or --no-password/);
    const open = [cliEntry, "server", folder, "--host", "0.0.0.0", "--port", "0"];
    await assert.rejects(
      promisify(execFile)(process.execPath, open, { timeout: 20_000 }),
      /tenon server users add NAME --role admin/,
    );
  });
});

describe("tenon server import", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-cli-import-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("says what it took over and what it left; a folder that is no file store is refused", async () => {
    const mlruns = join(folder, "mlruns");
    const args = [cliEntry, "server", "import", mlruns, "--folder", join(folder, "runs")];
    const run = promisify(execFile);
    await assert.rejects(run(process.execPath, args, { timeout: 20_000 }), /is no file store of MLflow/);
    mkdirSync(join(mlruns, "5", "a"), { recursive: true });
    writeFileSync(
      join(mlruns, "5/meta.yaml"),
      "artifact_location: x\nexperiment_id: '5'\nlifecycle_stage: active\nname: from a command\n",
    );
    const { stdout, stderr } = await run(process.execPath, args, { timeout: 20_000 });
    assert.match(stdout, /^1 experiments, 0 runs, /);
    assert.match(stderr, /^1 left:\n.*meta\.yaml is missing\n$/);
  });
});
