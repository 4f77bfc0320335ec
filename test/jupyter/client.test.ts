import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fork } from "node:child_process";
import { join } from "node:path";
import { Dealer } from "zeromq";
import { KernelClient } from "../../jupyter/client.ts";
import {
  ClientClosedError,
  KernelDiedError,
  KernelStartError,
  RequestTimeoutError,
} from "../../jupyter/client-errors.ts";
import { isRunning } from "../../jupyter/client-process-handle.ts";
import { parseConnectionInfo, socketAddress } from "../../jupyter/connection-file.ts";
import type { OutputMessage } from "../../jupyter/output-message.ts";
import { type TestKernel, kernelEntry, startKernel } from "../kernel/kernel-fixture.ts";

const texts = (outputs: readonly OutputMessage[]): string =>
  outputs.map((output) => (output.type === "stream" ? output.text : "")).join("");

/** Prints "started", and again after a while, so that it has left the kernel before the cell ends. */
const printed =
  "console.log('started'); for (const end = Date.now() + 50; Date.now() < end; ); console.log();";

describe("client with a kernel of ours", function () {
  this.timeout(20_000);
  let kernel: TestKernel;
  let client: KernelClient;
  before(async () => {
    kernel = await startKernel();
    ({ client } = kernel);
  });
  after(() => kernel.stop());

  it("knows the kernel when it is handed out", () => {
    assert.equal(client.info.language_info.name, "typescript");
    assert.ok((client.pid ?? 0) > 0);
  });

  it("keeps the connection file to this user", async () => {
    const { mode } = await stat(client.connectionFile ?? "");
    if (process.platform !== "win32") assert.equal(mode & 0o777, 0o600);
  });

  it("hands out outputs in order, then the reply", async () => {
    const execution = client.execute("for (let i = 0; i < 3; i += 1) console.log(String(i));\n'last'", {
      userExpressions: { sum: "1 + 2" },
    });
    const types: string[] = [];
    let text = "";
    for await (const output of execution) {
      if (types.at(-1) !== output.type) types.push(output.type);
      if (output.type === "stream") text += output.text;
    }
    const reply = await execution.reply;
    assert.deepEqual(types, ["stream", "execute_result"]);
    assert.equal(text, "0\n1\n2\n");
    assert.equal(reply.status, "ok");
    assert.ok(reply.status === "ok" && reply.user_expressions?.["sum"] !== undefined);
  });

  it("hands out all outputs also to who asks after the end", async () => {
    const execution = client.execute("console.log('kept');");
    await execution.reply;
    assert.equal(texts((await execution.result()).outputs), "kept\n");
  });

  it("keeps the outputs of 200 pipelined executions apart and in order", async () => {
    const executions = Array.from({ length: 200 }, (_, index) => client.execute(`console.log("${index}");`));
    const results = await Promise.all(executions.map((execution) => execution.result()));
    assert.deepEqual(
      results.map(({ outputs }) => texts(outputs)),
      results.map((_, index) => `${index}\n`),
    );
  });

  it("loses none of 50,000 lines", async () => {
    const { outputs } = await client
      .execute("for (let i = 0; i < 50_000; i += 1) console.log(String(i));")
      .result();
    assert.equal(texts(outputs), Array.from({ length: 50_000 }, (_, index) => `${index}\n`).join(""));
  });

  it("gives a failing cell's error in its outputs and its reply", async () => {
    const { reply, outputs } = await client.execute("throw new RangeError('too far')").result();
    assert.ok(reply.status === "error");
    assert.deepEqual([reply.ename, reply.evalue], ["RangeError", "too far"]);
    assert.equal(outputs.at(-1)?.type, "error");
  });

  it("answers a cell's requests for input", async () => {
    const asked: string[] = [];
    const { outputs } = await client
      .execute("console.log('hello ' + prompt('name? '));", {
        onInput: (prompt) => {
          asked.push(prompt);
          return "Ada";
        },
      })
      .result();
    assert.equal(asked.length, 1);
    assert.match(asked[0] ?? "", /name\?/);
    assert.match(texts(outputs), /hello Ada\n/);
  });

  it("interrupts a cell and keeps the kernel", async () => {
    const execution = client.execute(`let kept = 7; ${printed} while (true) {}`);
    for await (const output of execution) {
      if (output.type === "stream") break;
    }
    await client.interrupt();
    assert.equal((await execution.reply).status, "error");
    assert.equal((await client.execute("kept;").reply).status, "ok");
  });

  it("completes, inspects, tells completeness, history and comms", async () => {
    await client.execute("const answerOfAll = 42;").reply;
    const completion = await client.complete("answerOf");
    assert.ok(completion.matches.includes("answerOfAll"));
    assert.deepEqual([completion.cursor_start, completion.cursor_end], [0, 8]);
    assert.equal((await client.inspect("answerOfAll", 3)).found, true);
    assert.equal((await client.isComplete("function f() {")).status, "incomplete");
    const { history } = await client.history({ n: 1 });
    assert.equal(history.at(-1)?.[2], "const answerOfAll = 42;");
    assert.equal(typeof (await client.commInfo()).comms, "object");
    assert.equal((await client.kernelInfo()).language_info.name, "typescript");
  });

  it("answers heartbeat and control while a cell runs", async () => {
    const execution = client.execute(`${printed} while (true) {}`);
    for await (const output of execution) {
      if (output.type === "stream") break;
    }
    assert.ok((await client.beat()) >= 0);
    await client.interrupt();
    assert.equal((await execution.reply).status, "error");
  });

  it("gives up a request that gets no answer in time", async () => {
    await assert.rejects(
      client.request("shell", "no_such_request", {}, { timeout: 50 }),
      RequestTimeoutError,
    );
  });

  it("is answered, and who signs with another key is not", async () => {
    const info = parseConnectionInfo(await readFile(client.connectionFile ?? "", "utf8"));
    const stranger = new Dealer({ linger: 0, receiveTimeout: 300 });
    stranger.connect(socketAddress(info, "shell"));
    const header = '{"msg_id":"1","msg_type":"kernel_info_request"}';
    await stranger.send(["<IDS|MSG>", "0".repeat(64), header, "{}", "{}", "{}"]);
    await assert.rejects(stranger.receive());
    stranger.close();
    assert.equal((await client.execute("1;").reply).status, "ok");
  });

  it("is one of several clients of a kernel, which outlives an attached one", async () => {
    const attached = await KernelClient.connect(client.connectionFile ?? "");
    const seen: string[] = [];
    attached.onIopub((message) => seen.push(message.header.msg_type));
    await client.execute("Reflect.set(globalThis, 'shared', 5);").reply;
    const { outputs } = await attached.execute("Reflect.get(globalThis, 'shared')").result();
    assert.ok(
      outputs.some(
        (output) => output.type === "execute_result" && String(output.data["text/plain"]).includes("5"),
      ),
    );
    assert.ok(seen.includes("execute_input"));
    await attached.close();
    await assert.rejects(async () => attached.execute("1"), ClientClosedError);
    assert.equal((await client.execute("1;").reply).status, "ok");
  });
});

describe("client and the life of a kernel", function () {
  this.timeout(20_000);

  it("restarts: state is gone, what waited is rejected, the client goes on", async () => {
    const kernel = await startKernel();
    const { client } = kernel;
    try {
      await client.execute("let gone = 1;").reply;
      const [waiting, before] = [client.execute("while (true) {}"), client.pid ?? 0];
      await Promise.all([assert.rejects(waiting.reply, ClientClosedError), client.restart()]);
      assert.ok(!isRunning(before));
      const { reply } = await client.execute("typeof gone === 'undefined' || fail;").result();
      assert.equal(reply.status, "error");
      assert.equal((await client.execute("1;").reply).status, "ok");
    } finally {
      await kernel.stop();
    }
  });

  it("reports a kernel that is killed: outputs, then the error, and onDead", async () => {
    const kernel = await startKernel();
    const { client } = kernel;
    try {
      const dead: Error[] = [];
      client.onDead((error) => dead.push(error));
      const outputs: OutputMessage[] = [];
      await assert.rejects(async () => {
        for await (const output of client.execute(`${printed} while (true) {}`)) {
          outputs.push(output);
          process.kill(client.pid ?? 0, "SIGKILL");
        }
      }, KernelDiedError);
      assert.match(texts(outputs), /^started\n/);
      assert.equal(dead.length, 1);
      await assert.rejects(client.execute("1").reply, KernelDiedError);
    } finally {
      await kernel.stop();
    }
  });

  it("ends the kernel and removes its connection file when it closes, also in the middle of a cell", async () => {
    const kernel = await startKernel();
    const { client } = kernel;
    const { pid = 0, connectionFile = "" } = client;
    const execution = client.execute("while (true) {}");
    await Promise.all([assert.rejects(execution.reply, ClientClosedError), client.close()]);
    assert.ok(!isRunning(pid));
    await assert.rejects(stat(connectionFile));
    await kernel.stop();
  });

  it("encrypts with CurveZMQ where asked to, and a client without the keys gets nothing", async () => {
    const kernel = await startKernel({ encrypt: true });
    const { client } = kernel;
    try {
      const { outputs } = await client.execute("'secret'").result();
      assert.ok(outputs.some((output) => output.type === "execute_result"));
      const file = client.connectionFile ?? "";
      const { curve_publickey: _, curve_secretkey: __, ...plain } = JSON.parse(await readFile(file, "utf8"));
      await writeFile(`${file}.plain`, JSON.stringify(plain));
      await assert.rejects(KernelClient.connect(`${file}.plain`, { timeout: 500 }), KernelStartError);
    } finally {
      await kernel.stop();
    }
  });

  it("says why a kernel did not start, with the end of its log", async () => {
    const argv = [
      process.execPath,
      "-e",
      "console.error('no licence'); process.exit(3)",
      "{connection_file}",
    ];
    await assert.rejects(KernelClient.start({ argv }), (error: unknown) => {
      assert.ok(error instanceof KernelStartError);
      assert.match(error.message, /ended with code 3[^]*no licence/);
      return true;
    });
    await assert.rejects(KernelClient.start({ argv: ["/no/such/program"] }), KernelStartError);
    const silent = [process.execPath, "-e", "setTimeout(() => {}, 60_000)"];
    await assert.rejects(
      KernelClient.start({ argv: silent, startTimeout: 300 }),
      /did not answer within 300 ms/,
    );
    const given = KernelClient.start({ argv: silent, signal: AbortSignal.timeout(100) });
    await assert.rejects(given, /given up/);
  });

  it("leaves nothing that keeps a process alive, and takes the kernel along when it exits", async () => {
    const program = join(import.meta.dirname, "client-program.ts");
    for (const how of ["close", "exit"]) {
      const child = fork(program, [kernelEntry, how], { execArgv: ["--import", "tsx"] });
      const exit = once(child, "exit");
      const [pid] = (await once(child, "message")) as [number];
      assert.deepEqual(await exit, [0, null], how);
      for (let tries = 0; tries < 100 && isRunning(pid); tries += 1) await delay(20);
      assert.ok(!isRunning(pid), `the kernel outlived a client that ended by ${how}`);
    }
  });
});
