/** @file The kernel of a notebook over its life, with real kernels. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KernelSession, type KernelState } from "../../../extension/kernels/kernel-session.ts";
import { isRunning } from "../../../jupyter/client-process-handle.ts";
import { kernelArgv } from "../../../jupyter/kernelspec.ts";
import { kernelEntry, runCell } from "../../kernel/kernel-fixture.ts";
import { settle } from "../../support/settle.ts";

const patience = 15_000;

/** Prints, and again after a while, so that the first has left the kernel before the cell ends. */
const printed =
  "console.log('started'); for (const end = Date.now() + 50; Date.now() < end; ); console.log();";

describe("the session of a notebook's kernel", function () {
  this.timeout(60_000);
  let folder: string;
  let session: KernelSession;
  let states: KernelState[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-session-"));
    session = sessionWith(kernelArgv(process.execPath, kernelEntry));
  });
  afterEach(async () => {
    await session.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function sessionWith(argv: readonly string[]): KernelSession {
    const made = new KernelSession("file:///notebook.ipynb", async () => {
      await Promise.resolve();
      return { argv, cwd: folder, env: { XDG_DATA_HOME: join(folder, ".data") }, onLog: () => undefined };
    });
    states = [];
    made.onState((state) => states.push(state));
    return made;
  }
  const reaches = async (state: KernelState): Promise<void> =>
    assert.ok(await settle(() => session.state === state, patience), `${session.state}, not ${state}`);
  const resultOf = async (code: string): Promise<unknown> =>
    (await runCell(await session.start(), code)).result;

  it("has no kernel at first, and starts one for all who ask meanwhile", async () => {
    assert.equal(session.state, "stopped");
    assert.equal(session.client, undefined);
    let ready = 0;
    session.onClient(() => {
      ready += 1;
    });
    const [first, second] = await Promise.all([session.start(), session.start()]);
    assert.equal(first, second);
    assert.equal(await session.start(), first);
    assert.equal(session.client, first);
    assert.equal(ready, 1);
    assert.deepEqual(states, ["starting", "idle"]);
  });

  it("is busy while a cell runs, and not with other questions", async () => {
    const client = await session.start();
    states.length = 0;
    await client.complete("Arr", 3);
    await client.kernelInfo();
    assert.deepEqual(states, []);
    await client.execute("await new Promise((resolve) => setTimeout(resolve, 50));").reply;
    await reaches("idle");
    assert.deepEqual(states, ["busy", "idle"]);
  });

  it("is interrupted with its variables kept", async () => {
    assert.equal(await resultOf("const kept = 42; kept"), "42");
    const { client } = session;
    assert.ok(client !== undefined);
    const run = client.execute(`${printed} while (true) {}`);
    for await (const output of run) if (output.type === "stream") break;
    assert.equal(session.state, "busy");
    await session.interrupt();
    assert.notEqual((await run.reply).status, "ok");
    await reaches("idle");
    assert.equal(session.client, client);
    assert.equal(await resultOf("kept + 1"), "43");
  });

  it("is restarted with another process and without variables, and says that it is ready again", async () => {
    await resultOf("const gone = 42;");
    const before = session.client?.pid ?? 0;
    let ready = 0;
    session.onClient(() => {
      ready += 1;
    });
    states.length = 0;
    const client = await session.restart();
    assert.deepEqual(states, ["restarting", "idle"]);
    assert.equal(ready, 1);
    assert.equal(session.client, client);
    assert.notEqual(client.pid, before);
    assert.equal(isRunning(before), false);
    assert.match((await runCell(client, "gone")).error?.evalue ?? "", /gone/);
  });

  it("waits for a restart where a cell is run meanwhile, and for the other where it is restarted twice", async () => {
    const before = await session.start();
    let ready = 0;
    session.onClient(() => {
      ready += 1;
    });
    const [restarted, again, started] = await Promise.all([
      session.restart(),
      session.restart(),
      session.start(),
    ]);
    assert.equal(restarted, before);
    assert.equal(again, restarted);
    assert.equal(started, restarted);
    assert.equal(session.client, restarted);
    assert.equal(ready, 1);
  });

  it("starts where a restart finds no kernel", async () => {
    await session.restart();
    assert.deepEqual(states, ["starting", "idle"]);
  });

  it("is stopped with its process, and starts another when it is asked", async () => {
    const { pid = 0 } = await session.start();
    await session.stop();
    assert.equal(session.state, "stopped");
    assert.equal(session.client, undefined);
    assert.equal(isRunning(pid), false);
    assert.notEqual((await session.start()).pid, pid);
  });

  it("is stopped while it restarts: the kernel that comes is ended, and none is there", async () => {
    const client = await session.start();
    const { pid: before } = client;
    assert.ok(before !== undefined);
    const restarting = session.restart();
    // Only then does the new process start.
    assert.ok(await settle(() => !isRunning(before), 10_000));
    const stopping = session.stop();
    await assert.rejects(restarting);
    await stopping;
    assert.equal(session.state, "stopped");
    assert.equal(session.client, undefined);
    assert.ok(client.pid === undefined || !isRunning(client.pid));
    await resultOf("1");
  });

  it("gives up a start that is interrupted", async () => {
    // A program that never answers.
    session = sessionWith([process.execPath, "-e", "setInterval(() => {}, 1000)", "{connection_file}"]);
    const start = session.start();
    const failed = assert.rejects(start);
    await delay(300);
    assert.equal(session.state, "starting");
    await session.interrupt();
    await failed;
    assert.equal(session.state, "stopped");
    assert.equal(session.client, undefined);
  });

  it("is dead where the program ends before it answers, and tries again when it is asked", async () => {
    session = sessionWith([process.execPath, "-e", "process.exit(3)", "{connection_file}"]);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await assert.rejects(session.start(), { name: "KernelStartError" });
      assert.equal(session.state, "dead");
    }
    assert.deepEqual(states, ["starting", "dead", "starting", "dead"]);
  });

  it("is dead where what the command needs is missing", async () => {
    const missing = new Error("no Node");
    session = new KernelSession("file:///notebook.ipynb", async () => await Promise.reject(missing));
    await assert.rejects(session.start(), missing);
    assert.equal(session.state, "dead");
  });

  it("is dead when its kernel is killed: what ran fails, and another can be started", async () => {
    const client = await session.start();
    const run = client.execute("await new Promise(() => {});");
    const failed = assert.rejects(run.reply);
    await reaches("busy");
    process.kill(client.pid ?? 0, "SIGKILL");
    await failed;
    await reaches("dead");
    assert.equal(session.client, undefined);
    assert.equal(await resultOf("1 + 1"), "2");
    assert.equal(session.state, "idle");
  });

  it("is idle after a cell so short that the kernel was idle before anyone told of it", async () => {
    const client = await session.start();
    await client.execute("1").reply;
    await reaches("idle");
    session.executing("a");
    assert.equal(session.state, "busy");
    session.executed({ cellId: "a", code: "1", status: "ok" });
    assert.equal(session.state, "idle");
  });

  it("tells which cell runs and how it ended", () => {
    const told: string[] = [];
    session.onExecuting((cellId) => told.push(`runs ${cellId}`));
    const unsubscribe = session.onExecuted(({ cellId, status }) => told.push(`${cellId} ${status}`));
    session.executing("a");
    assert.equal(session.running, "a");
    session.executed({ cellId: "a", code: "1", status: "ok" });
    assert.equal(session.running, undefined);
    unsubscribe();
    session.executed({ cellId: "b", code: "1", status: "error" });
    assert.deepEqual(told, ["runs a", "a ok"]);
  });
});
