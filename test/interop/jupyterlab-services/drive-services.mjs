// Talks to the kernel as JupyterLab does: @jupyterlab/services against a running Jupyter server.
// Usage: drive-services.mjs SERVER_URL TOKEN PACKAGES_FOLDER. The last line is JSON with the counts of what worked.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const [baseUrl, token, packages] = process.argv.slice(2);
const require = createRequire(join(packages, "package.json"));
const {
  KernelManager,
  ServerConnection,
  SessionManager,
  KernelSpecManager,
} = require("@jupyterlab/services");

const serverSettings = ServerConnection.makeSettings({
  baseUrl,
  wsUrl: baseUrl.replace("http", "ws"),
  token,
  appendToken: true,
  WebSocket: require("ws"),
});
const specManager = new KernelSpecManager({ serverSettings });
const kernelManager = new KernelManager({ serverSettings });
const sessionManager = new SessionManager({ serverSettings, kernelManager });

let passed = 0;
const failures = [];
async function check(name, run) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("took longer than 20 s")), 20_000);
  });
  try {
    await Promise.race([run(), late]);
    passed += 1;
  } catch (error) {
    failures.push(`${name}: ${error instanceof Error ? error.message : JSON.stringify(error)}`);
  } finally {
    clearTimeout(timer);
  }
}
const delay = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** Runs a cell; returns its reply and what it put out. */
async function execute(kernel, code, { onStdin, more = {}, onOutput } = {}) {
  const outputs = [];
  const future = kernel.requestExecute({
    code,
    allow_stdin: onStdin !== undefined,
    stop_on_error: true,
    ...more,
  });
  future.onIOPub = (message) => {
    if (["status", "execute_input"].includes(message.header.msg_type)) return;
    outputs.push({ type: message.header.msg_type, ...message.content });
    onOutput?.(message);
  };
  future.onStdin = (message) => {
    if (message.header.msg_type === "input_request") onStdin?.(message, future);
  };
  const reply = await future.done;
  return { reply: reply.content, outputs };
}

let session;
let kernel;

await check("kernelspec is listed", async () => {
  await specManager.ready;
  const spec = specManager.specs.kernelspecs.tenon;
  assert.equal(spec.display_name, "TypeScript (Tenon)");
  assert.equal(spec.language, "typescript");
  assert.ok(spec.resources["logo-svg"] ?? spec.resources["logo-64x64"], "no logo");
});
await check("session starts", async () => {
  session = await sessionManager.startNew({
    name: "a.ipynb",
    path: "a.ipynb",
    type: "notebook",
    kernel: { name: "tenon" },
  });
  kernel = session.kernel;
  const info = await kernel.info;
  assert.equal(info.status, "ok");
  assert.equal(info.language_info.name, "typescript");
});
await check("executes", async () => {
  const { reply, outputs } = await execute(
    kernel,
    "console.log('printed'); const base: number = 40; base + 2",
  );
  assert.equal(reply.status, "ok");
  assert.deepEqual(
    outputs.map(({ type }) => type),
    ["stream", "execute_result"],
  );
  assert.equal(outputs[1].data["text/plain"], "42");
});
await check("displays and updates", async () => {
  const { outputs } = await execute(kernel, "const shown = display.html('<i>a</i>'); shown.update('b');");
  assert.deepEqual(
    outputs.map(({ type }) => type),
    ["display_data", "update_display_data"],
  );
  assert.equal(outputs[0].transient.display_id, outputs[1].transient.display_id);
});
await check("errors", async () => {
  const { reply, outputs } = await execute(kernel, "throw new RangeError('too far')");
  assert.equal(reply.status, "error");
  assert.equal(reply.ename, "RangeError");
  assert.ok(outputs.some(({ type }) => type === "error"));
});
await check("type errors", async () => {
  const { reply } = await execute(kernel, "const wrong: string = base");
  assert.equal(reply.status, "error");
  assert.match(reply.traceback.join("\n"), /not assignable/);
});
await check("user expressions", async () => {
  const { reply } = await execute(kernel, "1;", { more: { user_expressions: { twice: "base * 2" } } });
  assert.equal(reply.user_expressions.twice.data["text/plain"], "80");
});
await check("asks for input", async () => {
  let asked;
  const onStdin = (message, future) => {
    asked = message.content.prompt;
    future.sendInputReply({ status: "ok", value: "Ada" }, message.header);
  };
  const { outputs } = await execute(kernel, "prompt('name?')", { onStdin });
  assert.match(asked, /^name\? ?$/);
  assert.match(outputs.at(-1).data["text/plain"], /Ada/);
});
await check("completes", async () => {
  const { content } = await kernel.requestComplete({ code: "base.toFi", cursor_pos: 9 });
  assert.ok(content.matches.includes("toFixed"));
});
await check("inspects", async () => {
  const { content } = await kernel.requestInspect({ code: "base", cursor_pos: 4, detail_level: 0 });
  assert.equal(content.found, true);
  assert.match(content.data["text/plain"], /base: number/);
});
await check("says whether code is complete", async () => {
  const { content } = await kernel.requestIsComplete({ code: "function f() {" });
  assert.equal(content.status, "incomplete");
});
await check("keeps history", async () => {
  const request = { output: false, raw: true, hist_access_type: "tail", n: 100 };
  const { content } = await kernel.requestHistory(request);
  assert.ok(content.history.some((entry) => String(entry[2]).includes("base: number = 40")));
});
await check("comm opened by the frontend", async () => {
  const comm = kernel.createComm("tenon.variables");
  const answered = new Promise((resolve) => {
    comm.onMsg = (message) => resolve(message.content.data);
  });
  comm.open({});
  comm.send({ type: "hello", id: 1, version: 1 });
  const answer = await answered;
  assert.equal(answer.type, "hello");
  const { content } = await kernel.requestCommInfo({ target_name: "tenon.variables" });
  assert.ok(Object.hasOwn(content.comms, comm.commId));
  await comm.close().done;
});
await check("interrupts and keeps state", async () => {
  const done = execute(kernel, "while (true) {}");
  await delay(500);
  await kernel.interrupt();
  assert.equal((await done).reply.status, "error");
  const { outputs } = await execute(kernel, "base + 1");
  assert.equal(outputs[0].data["text/plain"], "41");
});
await check("debugs: breakpoint, variables, continue", async () => {
  assert.equal(kernel.info && (await kernel.info).debugger, true, "kernel_info does not say debugger: true");
  let sequence = 0;
  const debug = async (command, args = {}) => {
    sequence += 1;
    const future = kernel.requestDebug({ seq: sequence, type: "request", command, arguments: args });
    const reply = await new Promise((resolve) => {
      future.onReply = (message) => resolve(message.content);
    });
    assert.equal(reply.success, true, `${command}: ${JSON.stringify(reply)}`);
    return reply.body;
  };
  const stopped = new Promise((resolve) => {
    kernel.iopubMessage.connect((_, message) => {
      if (message.header.msg_type === "debug_event" && message.content.event === "stopped")
        resolve(message.content.body);
    });
  });
  await debug("initialize", {
    clientID: "jupyterlab",
    clientName: "JupyterLab",
    adapterID: "node",
    pathFormat: "path",
    linesStartAt1: true,
    columnsStartAt1: true,
    supportsVariableType: true,
    supportsVariablePaging: true,
    supportsRunInTerminalRequest: true,
    locale: "en",
  });
  await debug("attach");
  const info = await debug("debugInfo");
  assert.equal(info.isStarted, true);
  const code = "let total = 0;\nfor (const n of [1, 2]) {\n  total += n;\n}\ntotal";
  const { sourcePath } = await debug("dumpCell", { code });
  const set = await debug("setBreakpoints", {
    source: { path: sourcePath },
    breakpoints: [{ line: 3 }],
    sourceModified: false,
  });
  assert.equal(set.breakpoints.length, 1);
  await debug("configurationDone");
  const running = execute(kernel, code);
  const { threadId } = await stopped;
  const { stackFrames } = await debug("stackTrace", { threadId });
  assert.equal(stackFrames[0].line, 3);
  const { scopes } = await debug("scopes", { frameId: stackFrames[0].id });
  const { variables } = await debug("variables", { variablesReference: scopes[0].variablesReference });
  assert.ok(variables.some(({ name }) => name === "n"));
  await debug("setBreakpoints", { source: { path: sourcePath }, breakpoints: [], sourceModified: false });
  await debug("continue", { threadId });
  const { reply, outputs } = await running;
  assert.equal(reply.status, "ok");
  assert.equal(outputs.at(-1).data["text/plain"], "3");
  await debug("disconnect", { restart: false, terminateDebuggee: false });
});
await check("subshell runs beside a waiting cell", async () => {
  const info = await kernel.info;
  assert.ok(
    info.supported_features?.includes("kernel subshells"),
    "kernel_info does not name kernel subshells",
  );
  assert.equal(kernel.supportsSubshells, true);
  const created = await kernel.requestCreateSubshell({}).done;
  const subshellId = created.content.subshell_id;
  const listed = await kernel.requestListSubshell({}).done;
  assert.deepEqual(listed.content.subshell_id, [subshellId]);
  const other = kernelManager.connectTo({ model: kernel.model });
  await other.info;
  other.subshellId = subshellId;
  const waiting = execute(
    kernel,
    "let release = () => {}; await new Promise<void>((resolve) => { release = resolve; }); 'released'",
  );
  await delay(300);
  const beside = await execute(other, "release(); 6 * 7");
  assert.equal(beside.outputs[0].data["text/plain"], "42");
  assert.match((await waiting).outputs[0].data["text/plain"], /released/);
  other.subshellId = null;
  other.dispose();
  await kernel.requestDeleteSubshell({ subshell_id: subshellId }).done;
});
await check("restarts", async () => {
  await kernel.restart();
  await kernel.info;
  const { reply } = await execute(kernel, "%check off\nbase");
  assert.equal(reply.status, "error");
  const { outputs } = await execute(kernel, "'anew'");
  assert.match(outputs[0].data["text/plain"], /anew/);
});
await check("shuts down", async () => {
  await session.shutdown();
});

console.log(JSON.stringify({ passed, failed: failures.length, skipped: 0, failures }));
process.exit(0);
