/** @file Kernels that go on when their window has gone, and the window that finds them again. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KernelRecords } from "../../../extension/kernels/kernel-records.ts";
import { KernelSession } from "../../../extension/kernels/kernel-session.ts";
import { type KernelSessionState, askSession } from "../../../extension/kernels/kernel-session-request.ts";
import { runningKernels, shutDownKernel } from "../../../extension/kernels/running-kernels.ts";
import type { KernelClient } from "../../../jupyter/client.ts";
import { isRunning } from "../../../jupyter/client-process-handle.ts";
import { kernelArgv } from "../../../jupyter/kernelspec.ts";
import type { OutputMessage } from "../../../jupyter/output-message.ts";
import { batchKey, keepMetadata } from "../../../kernel/protocol.ts";
import { settle } from "../../support/settle.ts";
import { kernelEntry, runCell } from "../../kernel/kernel-fixture.ts";

const notebook = "file:///notes/a.ipynb";

describe("kernels that go on", function () {
  this.timeout(60_000);
  let folder: string;
  const sessions: KernelSession[] = [];
  /** What the kernels and their sessions wrote. */
  let log = "";
  beforeEach(() => {
    log = "";
    folder = mkdtempSync(join(tmpdir(), "tenon-records-"));
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.stop()));
    for (const { pid } of new KernelRecords(join(folder, "kernels"), "w").running())
      process.kill(-pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  /** A window: what it knows of kernels, and the notebook's session in it. */
  function openWindow(uri = notebook, workspace = "w"): { records: KernelRecords; session: KernelSession } {
    const records = new KernelRecords(join(folder, "kernels"), workspace);
    const command = async () => ({
      argv: kernelArgv(process.execPath, kernelEntry),
      cwd: folder,
      env: { XDG_DATA_HOME: join(folder, "data") },
      onLog: (text: string) => {
        log += text;
      },
    });
    const session = new KernelSession(uri, command, records);
    sessions.push(session);
    return { records, session };
  }

  const execute = (client: KernelClient, code: string, cellId: string) =>
    client.execute(code, { cellId, metadata: { ...keepMetadata, [batchKey]: "all" } });

  async function takeOver(
    session: KernelSession,
  ): Promise<{ client: KernelClient; state: KernelSessionState }> {
    await session.resume();
    const { client } = session;
    assert.ok(client !== undefined, `no kernel was taken over\n${log}`);
    let state: KernelSessionState | undefined;
    await askSession(client, { takeOver: true }, (answer) => {
      state = answer;
    });
    assert.ok(state !== undefined);
    return { client, state };
  }

  it("tell what ran, what runs and what waits, and lose no output in between", async () => {
    const first = openWindow().session;
    const client = await first.start();
    await execute(client, "const x = 1", "a").reply;
    await delay(3200);
    const loop =
      "import { existsSync } from 'node:fs';\nfor (let i = 0; i < 40; i++) { console.log(String(i)); await new Promise((done) => setTimeout(done, 25)); }\nwhile (!existsSync('go')) await new Promise((done) => setTimeout(done, 25));\nconsole.log('end')";
    const running = execute(client, loop, "b");
    execute(client, "x + 1", "c");
    await running.started;
    await delay(300);
    await first.leave("for a while");
    assert.equal(first.state, "stopped");
    await delay(300);

    const second = openWindow().session;
    await second.resume();
    assert.equal(second.origin, "taken over");
    const next = second.client;
    assert.ok(next !== undefined);
    const outputs: OutputMessage[] = [];
    let before = "";
    let rest: Promise<void> | undefined;
    await askSession(next, { takeOver: true }, ({ executions, past }) => {
      assert.deepEqual(
        past.map(({ cellId, code, status, count, displays }) => [cellId, code, status, count, displays]),
        [["a", "const x = 1", "ok", 1, undefined]],
      );
      assert.deepEqual(
        executions.map(({ cellId, state }) => [cellId, state]),
        [
          ["b", "running"],
          ["c", "waiting"],
        ],
      );
      const [kept, waiting] = executions;
      assert.ok(kept !== undefined && waiting !== undefined);
      before = kept.outputs.map(({ content }) => String(content["text"])).join("");
      const [one, two] = [next.follow(kept.id), next.follow(waiting.id)];
      rest = (async () => {
        for await (const output of one) outputs.push(output);
        assert.equal((await one.reply).status, "ok");
        const { outputs: last, reply } = await two.result();
        assert.equal(reply.status, "ok");
        assert.equal(reply.execution_count, 3);
        outputs.push(...last);
      })();
    });
    writeFileSync(join(folder, "go"), "");
    await rest;
    const text = before + outputs.map((output) => (output.type === "stream" ? output.text : "")).join("");
    assert.equal(text, `${Array.from({ length: 40 }, (_, i) => i).join("\n")}\nend\n`);
    assert.notEqual(before, "");
    const result = outputs.at(-1);
    assert.equal(result?.type === "execute_result" && result.data["text/plain"], "2");
    assert.equal((await runCell(next, "x")).result, "1");
  });

  it("keep what a cell put out that has ended meanwhile, and what timers put out after it", async () => {
    const first = openWindow().session;
    const client = await first.start();
    await execute(client, "void setTimeout(() => console.log('late'), 700)", "a").reply;
    const cell = execute(
      client,
      "console.log('one'); display.html('<b>x</b>'); const d = display('old'); for (let i = 0; i < 5; i++) d.update('new ' + i); await new Promise((done) => setTimeout(done, 400)); throw new Error('bad')",
      "b",
    );
    execute(client, "1", "c");
    await cell.started;
    await first.leave("for a while");
    await delay(1200);
    const { state } = await takeOver(openWindow().session);
    const [a, b, c] = state.executions;
    assert.deepEqual(
      [a, b, c].map((kept) => [kept?.cellId, kept?.state, kept?.status]),
      [
        ["a", "ended", "ok"],
        ["b", "ended", "error"],
        ["c", "ended", "aborted"],
      ],
    );
    assert.equal(a?.outputs[0]?.content["text"], "late\n");
    assert.deepEqual(
      b?.outputs.map(({ type }) => type),
      ["stream", "display_data", "display_data", "update_display_data", "error"],
    );
  });

  it("tell which outputs updates belong to, and which cells opened the comms that are open", async () => {
    const first = openWindow().session;
    const client = await first.start();
    const model = "widget({ state: { n: 0 }, esm: 'export default {}' })";
    await execute(
      client,
      `console.log('text'); display.html('gone'); display.clear(); display('one', { id: 'one' }); const w = ${model}; const closed = ${model}; w`,
      "a",
    ).reply;
    await execute(client, "closed.close(); display.update('one', 'two'); 1", "b").reply;
    await execute(
      client,
      "display.html('1', { id: 'x' }); display.clear({ wait: true }); display('2', { id: 'y' });",
      "c",
    ).reply;
    // What has been delivered is past.
    await delay(6500);
    await first.leave("for a while");
    const { state } = await takeOver(openWindow().session);
    assert.deepEqual(state.executions, []);
    assert.deepEqual(
      state.past.map(({ cellId, count, displays }) => [cellId, count, displays]),
      [
        ["a", 1, ["one", null]],
        ["b", 2, undefined],
        ["c", 3, ["y"]],
      ],
    );
    assert.deepEqual(
      state.comms.map(({ run }) => run),
      [state.past[0]?.id],
    );
  });

  it("keep no more output than fits, and say how much is missing", async () => {
    const first = openWindow().session;
    const client = await first.start();
    const cell = execute(
      client,
      "for (let i = 0; i < 90; i++) console.log('x'.repeat(1_000_000)); 'done'",
      "a",
    );
    await cell.started;
    await first.leave("for a while");
    const second = openWindow().session;
    await second.resume();
    const next = second.client;
    assert.ok(next !== undefined);
    let { state } = await ask(next);
    for (let i = 0; i < 200 && state.executions[0]?.state !== "ended"; i++) {
      await delay(100);
      ({ state } = await ask(next));
    }
    const [kept] = state.executions;
    const size = JSON.stringify(kept?.outputs).length;
    assert.ok(size < 64 * 2 ** 20, `${size} kept`);
    assert.ok((kept?.dropped ?? 0) > 20_000_000, `${kept?.dropped} dropped`);
  });

  async function ask(client: KernelClient): Promise<{ state: KernelSessionState }> {
    let state: KernelSessionState | undefined;
    await askSession(client, { takeOver: true }, (answer) => {
      state = answer;
    });
    assert.ok(state !== undefined);
    return { state };
  }

  it("ask the window that has taken over", async () => {
    const first = openWindow().session;
    const client = await first.start();
    const metadata = { ...keepMetadata };
    const asked = new Promise<void>((resolve) => {
      client.execute("const a = prompt('one?'); const b = prompt('two?'); a + b", {
        cellId: "a",
        metadata,
        onInput: () => {
          resolve();
          return new Promise<string>(() => {});
        },
      });
    });
    await asked;
    await first.leave("for a while");
    const { client: next, state } = await takeOver(openWindow().session);
    assert.equal(state.input?.prompt, "one? ");
    const cell = next.follow(state.input.id, { onInput: (prompt) => `[${prompt}]` });
    await next.answerInput("first ");
    const { outputs } = await cell.result();
    assert.equal(outputs[0]?.type === "execute_result" && outputs[0].data["text/plain"], "'first [two? ]'");
  });

  it("are one window's at a time", async () => {
    const first = openWindow();
    await first.session.start();
    const second = openWindow();
    await second.session.resume();
    assert.equal(second.session.state, "stopped", "a living window has it");
    const client = await second.session.start();
    assert.notEqual(client.pid, first.session.client?.pid);
    assert.equal(first.records.running().length, 2);
  });

  it("tell untitled notebooks of different workspaces apart", async () => {
    const untitled = "untitled:Untitled-1.ipynb";
    const first = openWindow(untitled, "one").session;
    await first.start();
    await first.leave("for a while");
    const other = openWindow(untitled, "two");
    assert.equal(other.records.has(untitled), false);
    const same = openWindow(untitled, "one").session;
    await same.resume();
    assert.equal(same.origin, "taken over", `${same.state}\n${log}`);
    const nowhere = openWindow(untitled, "").session;
    const kernel = await nowhere.start();
    const { pid } = kernel;
    await nowhere.leave("for a while");
    assert.ok(pid !== undefined && !isRunning(pid), "it could not be found again");
  });

  it("end a while after their window, and leave nothing behind", async () => {
    const { session, records } = openWindow();
    const client = await session.start();
    await askSession(client, { linger: 1 }, () => undefined);
    const { pid, connectionFile } = client;
    assert.ok(pid !== undefined && connectionFile !== undefined);
    await delay(1500);
    assert.ok(isRunning(pid), "it has a window");
    await session.leave("for a while");
    assert.ok(await settle(() => !isRunning(pid), 10_000), "it ends");
    assert.deepEqual(records.running(), []);
    assert.ok(await settle(() => !existsSync(dirname(connectionFile)), 5000));
    assert.deepEqual(readdirSync(join(folder, "kernels")), []);
    await session.resume();
    assert.equal(session.state, "stopped");
  });

  it("are taken over once, however many ask at the same time, and a cell that is run meanwhile runs on them", async () => {
    const first = openWindow().session;
    await runCell(await first.start(), "const kept = 6");
    await first.leave("for a while");
    const { records, session } = openWindow();
    let clients = 0;
    session.onClient(() => {
      clients += 1;
    });
    const [, , started] = await Promise.all([session.resume(), session.resume(), session.start()]);
    assert.equal(session.origin, "taken over");
    assert.equal((await runCell(started, "kept")).result, "6");
    assert.equal(clients, 1);
    assert.equal(records.running().length, 1);
  });

  it("restart and stop in the window that has taken over", async () => {
    const first = openWindow().session;
    await runCell(await first.start(), "const kept = 5");
    await first.leave("for a while");
    const second = openWindow();
    await second.session.resume();
    const old = second.session.client?.pid ?? 0;
    const client = await second.session.restart();
    assert.equal((await runCell(client, "typeof kept")).error?.ename, "TypeCheckError");
    assert.ok(!isRunning(old));
    assert.equal(second.records.running()[0]?.pid, client.pid);
    await second.session.stop();
    assert.deepEqual(second.records.running(), []);
  });

  it("are listed and shut down, and can be attached to beside their own window", async () => {
    const first = openWindow();
    const own = await first.session.start();
    await runCell(own, "const shared = 7");
    const found = (await runningKernels(first.records)).find(({ notebook: uri }) => uri === notebook);
    assert.ok(found !== undefined);
    const other = openWindow("file:///notes/b.ipynb").session;
    const client = await other.attach(found.connectionFile);
    assert.equal(other.origin, "attached");
    assert.equal((await runCell(client, "shared")).result, "7");
    await other.stop();
    assert.equal((await runCell(own, "shared")).result, "7");
    await shutDownKernel(found.connectionFile);
    assert.ok(await settle(() => first.session.state === "dead", 10_000));
  });

  it("are not taken from a record that is broken or points elsewhere", async () => {
    const { records, session } = openWindow();
    await session.start();
    const broken = { version: 1, notebook, workspace: "w", pid: process.pid, owner: null };
    writeFileSync(join(folder, "kernels/x.json"), "{");
    writeFileSync(
      join(folder, "kernels/y.json"),
      JSON.stringify({ ...broken, connectionFile: "/etc/passwd" }),
    );
    assert.equal(records.running().length, 1);
    assert.ok(existsSync("/etc/passwd"));
  });
});
