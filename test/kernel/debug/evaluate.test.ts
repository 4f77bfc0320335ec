import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Debuggee, table } from "./debuggee.ts";

describe("evaluation and the notebook's variables", () => {
  let debuggee: Debuggee;
  before(async () => {
    debuggee = await Debuggee.start();
  });
  after(async () => await debuggee.stop());

  it("evaluates TypeScript in the chosen frame, with side effects", async () => {
    const source =
      "let effects = 0;\nfunction inner(n: number) { debugger; return n }\nfunction outer(n: number) { return inner(n + 1) }\nouter(1)";
    const run = debuggee.run(source);
    await debuggee.stopped();
    const [inner, outer] = await debuggee.frames();
    assert.equal((await debuggee.evaluate("(n as number) + 0", { frameId: inner?.id })).result, "2");
    assert.equal((await debuggee.evaluate("n", { frameId: outer?.id })).result, "1");
    assert.equal((await debuggee.evaluate("effects += 5", { frameId: outer?.id })).result, "5");
    assert.equal((await debuggee.evaluate("n = 40; n += 2;", { frameId: inner?.id })).result, "42");
    assert.equal((await debuggee.evaluate("{ a: n }", { frameId: inner?.id })).result, "{a: 42}");
    await debuggee.resume();
    assert.equal((await run).text, "42");
    assert.equal((await debuggee.run("effects")).text, "5");
  });

  it("changes nothing on hover", async () => {
    const run = debuggee.run("let hovered = 0;\ndebugger;\nhovered");
    await debuggee.stopped();
    const { id } = await debuggee.topFrame();
    assert.equal((await debuggee.evaluate("hovered", { frameId: id, context: "hover" })).result, "0");
    const refused = await debuggee.respond("evaluate", {
      expression: "hovered++",
      frameId: id,
      context: "hover",
    });
    assert.equal(refused.success, false);
    await debuggee.resume();
    assert.equal((await run).text, "0");
  });

  it("says what went wrong", async () => {
    for (const [expression, message] of [
      ["missing", /ReferenceError: missing is not defined/],
      ["1 +", /SyntaxError/],
      ["(() => { throw new TypeError('own') })()", /TypeError: own/],
      ["(() => { throw 7 })()", /7/],
    ] as const) {
      const response = await debuggee.respond("evaluate", { expression, context: "repl" });
      assert.equal(response.success, false);
      assert.match(response.message ?? "", message);
    }
  });

  it("says that it can't await at a stop, and takes functions that do", async () => {
    const run = debuggee.run("let asked = 1;\ndebugger;\nasked");
    await debuggee.stopped();
    const { id } = await debuggee.topFrame();
    for (const expression of ["await asked", "[await asked]", "for await (const x of []) { x }"]) {
      const response = await debuggee.respond("evaluate", { expression, frameId: id });
      assert.equal(response.success, false);
      assert.match(response.message ?? "", /`await` can't be used while the program is stopped/);
    }
    const waiting = "typeof (async () => await asked)().then";
    assert.equal((await debuggee.evaluate(waiting, { frameId: id })).result, "'function'");
    await debuggee.resume();
    await run;
  });

  it("works in the notebook while nothing is stopped: awaits and declares", async () => {
    assert.equal((await debuggee.evaluate("await Promise.resolve(20) + 1")).result, "21");
    await debuggee.evaluate("const fresh: number = 3");
    assert.equal((await debuggee.run("fresh + 1")).text, "4");
  });

  it("gives text to paste", async () => {
    const body = await debuggee.evaluate("({ a: [1, 2], b: 'x' })", { context: "clipboard" });
    assert.deepEqual(JSON.parse(body.result), { a: [1, 2], b: "x" });
    assert.equal((await debuggee.evaluate("'plain'", { context: "clipboard" })).result, "plain");
  });

  it("sets expressions", async () => {
    await debuggee.run("let target = { x: [1, 2] };");
    const body = await debuggee.request<DebugProtocol.SetExpressionResponse>("setExpression", {
      expression: "target.x[1]",
      value: "10 * 2",
    });
    assert.equal(body.value, "20");
    assert.match((await debuggee.run("target.x")).text ?? "", /1, 20/);
  });

  it("lists the notebook's variables while nothing is stopped, and opens them", async () => {
    await debuggee.run(
      "const listed = { deep: { deeper: [1, 2, 3] } };\nglobalThis.onGlobal = 5;\nclass Listed {}\nimport fs from 'node:fs';",
    );
    const variables = await debuggee.notebook();
    const values = table(variables);
    assert.equal(values["listed"], "{deep: {…}}");
    assert.equal(values["onGlobal"], "5");
    assert.equal(values["Listed"], "class Listed");
    for (const name of ["__tenon__", "setTimeout", "process", "console", "display"])
      assert.equal(values[name], undefined, name);
    const listed = variables.find(({ name }) => name === "listed");
    const [deep] = await debuggee.variables(listed?.variablesReference ?? 0);
    assert.deepEqual(
      [deep?.name, deep?.value, deep?.evaluateName],
      ["deep", "{deeper: Array(3)}", "listed.deep"],
    );
  });

  it("lists them while a cell is busy", async () => {
    const run = debuggee.run("let busy = 1;\nwhile (busy > 0);\nbusy");
    while (table(await debuggee.notebook())["busy"] !== "1");
    await debuggee.evaluate("busy = 0");
    assert.equal((await run).text, "0");
  });

  it("skips names whose declaration failed", async () => {
    await debuggee.run("const broken = (() => { throw new Error('x') })();");
    const names = (await debuggee.notebook()).map(({ name }) => name);
    assert.ok(names.includes("listed"));
  });

  it("shows variables richly, running and stopped", async () => {
    await debuggee.run(`const rich = { [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>rich</b>", "text/plain": "rich" } } };
const later = { async [Symbol.for("Jupyter.display")]() { return { "text/html": "<i>later</i>" } } };
const word = "plain words";`);
    const inspect = async (variableName: string, frameId?: number) =>
      (await debuggee.request("richInspectVariables", { variableName, frameId })) as {
        data: Record<string, string>;
        metadata: object;
      };
    assert.equal((await inspect("rich")).data["text/html"], "<b>rich</b>");
    assert.equal((await inspect("later")).data["text/html"], "<i>later</i>");
    assert.deepEqual((await inspect("word")).data, { "text/plain": "plain words" });
    const run = debuggee.run("function f() { const own = rich; debugger; return own }\nf();");
    await debuggee.stopped();
    const { id } = await debuggee.topFrame();
    assert.equal((await inspect("own", id)).data["text/html"], "<b>rich</b>");
    assert.ok((await inspect("later", id)).data["text/plain"] !== undefined);
    assert.equal((await debuggee.respond("richInspectVariables", { variableName: "absent" })).success, false);
    await debuggee.resume();
    await run;
  });

  it("copies a frame's variable to the notebook", async () => {
    const run = debuggee.run(
      "function work() { const partial = { kept: [1, 2] }; debugger; return 1 }\nwork();",
    );
    await debuggee.stopped();
    const { id } = await debuggee.topFrame();
    await debuggee.request("copyToGlobals", {
      srcVariableName: "partial",
      dstVariableName: "copied",
      srcFrameId: id,
    });
    assert.equal((await debuggee.values("Notebook"))["copied"], "{kept: Array(2)}");
    const wrong = await debuggee.respond("copyToGlobals", {
      srcVariableName: "partial",
      dstVariableName: "a b",
      srcFrameId: id,
    });
    assert.equal(wrong.success, false);
    await debuggee.resume();
    await run;
    assert.equal((await debuggee.run("copied.kept.length")).text, "2");
    assert.equal((await debuggee.run("let copied = 1; copied")).text, "1");
  });
});
