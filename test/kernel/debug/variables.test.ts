import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Debuggee, table } from "./debuggee.ts";

describe("variables at a stop", () => {
  let debuggee: Debuggee;
  let run: Promise<unknown>;
  before(async () => {
    debuggee = await Debuggee.start();
  });
  after(async () => await debuggee.stop());
  afterEach(async () => {
    if ((await debuggee.respond("stackTrace", { threadId: 1 })).success) await debuggee.resume();
    await run;
  });

  async function stopIn(source: string): Promise<void> {
    run = debuggee.run(source);
    await debuggee.stopped();
  }

  async function local(name: string): Promise<DebugProtocol.Variable> {
    const [scope] = await debuggee.scopes();
    const found = (await debuggee.variables(scope?.variablesReference ?? 0)).find(
      (each) => each.name === name,
    );
    assert.ok(found !== undefined, `no variable ${name}`);
    return found;
  }

  /** The children of a local variable as `name: value`. */
  async function children(name: string, page: object = {}): Promise<Record<string, string>> {
    return table(await debuggee.variables((await local(name)).variablesReference, page));
  }

  it("shows all kinds of values in a line each", async () => {
    await stopIn(`function kinds() {
  const all = {
    text: "it's", whole: 3, big: 10n, nothing: null, missing: undefined, yes: true, minusZero: -0,
    list: [1, "two", { three: 3 }], typed: new Float64Array([1.5, 2]), map: new Map([["a", 1]]), set: new Set([1]),
    date: new Date(0), pattern: /x+/g, error: new RangeError("far"), symbol: Symbol("s"),
    named(a: number, b: number) { return a + b }, arrow: (x: number) => x, type: class Point {},
    promise: Promise.resolve(1), nested: { a: { b: { c: 1 } } },
  };
  debugger;
  return all;
}
kinds();`);
    const values = await children("all");
    assert.deepEqual(
      { ...values, date: values["date"]?.slice(0, 3) },
      {
        text: "'it\\'s'",
        whole: "3",
        big: "10n",
        nothing: "null",
        missing: "undefined",
        yes: "true",
        minusZero: "-0",
        list: "(3) [1, 'two', {…}]",
        typed: "Float64Array(2) [1.5, 2]",
        map: "Map(1) {'a' → 1}",
        set: "Set(1) {1}",
        date: "Thu",
        pattern: "/x+/g",
        error: "RangeError: far",
        symbol: "Symbol(s)",
        named: "ƒ named(a, b)",
        arrow: "ƒ (x)",
        type: "class Point",
        promise: "Promise {[[PromiseState]]: 'fulfilled', [[PromiseResult]]: 1}",
        nested: "{a: {…}}",
      },
    );
  });

  it("opens nested objects, and says how they are reached", async () => {
    await stopIn(
      'function deep() { const root = { a: [{ "b c": { d: 42 } }] }; debugger; return root }\ndeep();',
    );
    let variable = await local("root");
    for (const name of ["a", "0", "b c", "d"]) {
      const inside = await debuggee.variables(variable.variablesReference);
      const next = inside.find((each) => each.name === name);
      assert.ok(next !== undefined);
      variable = next;
    }
    assert.equal(variable.value, "42");
    assert.equal(variable.type, "number");
    assert.equal(variable.evaluateName, 'root.a[0]["b c"].d');
    assert.equal((await debuggee.evaluate(variable.evaluateName)).result, "42");
  });

  it("shows closures, blocks, catch and notebook scopes, and shadowed names each with its own value", async () => {
    await stopIn(`let shared = "notebook";
function counter() {
  let count = 1;
  return () => {
    count += 1;
    const count2 = count * 2;
    { const count2 = "block"; try { throw "thrown" } catch (problem) { debugger; return [count2, problem] } }
  };
}
counter()();`);
    const scopes = await debuggee.scopes();
    const shown = await Promise.all(
      scopes
        .slice(0, -1)
        .map(
          async ({ name, variablesReference }) =>
            [name, table(await debuggee.variables(variablesReference))] as const,
        ),
    );
    const find = (name: string) =>
      shown.filter(([title]) => title.startsWith(name)).map(([, values]) => values);
    assert.equal(find("Catch")[0]?.["problem"], "'thrown'");
    assert.equal(find("Block")[0]?.["count2"], "'block'");
    assert.equal(find("Local")[0]?.["count2"], "4");
    assert.equal(find("Closure")[0]?.["count"], "2");
    assert.equal(find("Notebook")[0]?.["shared"], "'notebook'");
  });

  it("calls getters only when someone opens them", async () => {
    await stopIn(`function lazy() {
  let calls = 0;
  class Circle { r = 2; get area() { calls += 1; return this.r * 10 } }
  const circle = new Circle();
  const plain = { get own() { calls += 1; return "own value" }, get bad() { throw new Error("no") } };
  debugger;
  return [circle, plain];
}
lazy();`);
    const circle = await debuggee.variables((await local("circle")).variablesReference);
    const area = circle.find(({ name }) => name === "area");
    assert.deepEqual([area?.value, area?.presentationHint?.lazy], ["(…)", true]);
    assert.equal((await debuggee.evaluate("calls")).result, "0");
    const opened = await debuggee.variables(area?.variablesReference ?? 0);
    assert.deepEqual(table(opened), { area: "20" });
    assert.equal((await debuggee.evaluate("calls")).result, "1");
    const plain = await debuggee.variables((await local("plain")).variablesReference);
    const bad = plain.find(({ name }) => name === "bad");
    const failed = await debuggee.respond("variables", { variablesReference: bad?.variablesReference });
    assert.equal(failed.success, false);
    assert.match(failed.message ?? "", /no/);
  });

  it("pages arrays, and offers ranges to clients that don't page", async () => {
    await stopIn(
      "function big() { const list = Array.from({ length: 100_000 }, (_, i) => i * 2); const typed = new Float32Array(5000).fill(1); debugger; return [list, typed] }\nbig();",
    );
    const list = await local("list");
    assert.equal(list.indexedVariables, 100_000);
    const page = await debuggee.variables(list.variablesReference, {
      filter: "indexed",
      start: 50_000,
      count: 3,
    });
    assert.deepEqual(table(page), { 50_000: "100000", 50_001: "100002", 50_002: "100004" });
    const named = await debuggee.variables(list.variablesReference, { filter: "named" });
    assert.deepEqual(table(named), { length: "100000" });
    const ranges = (await debuggee.variables(list.variablesReference)).filter(({ name }) =>
      name.startsWith("["),
    );
    assert.equal(ranges.length, 100);
    assert.equal(ranges[99]?.name, "[99000 … 99999]");
    const last = await debuggee.variables(ranges[99]?.variablesReference ?? 0);
    assert.deepEqual([last.length, last.at(-1)?.name, last.at(-1)?.value], [1000, "99999", "199998"]);
    assert.equal(Object.keys(await children("typed")).length, 5);
  });

  it("opens maps and sets by their entries", async () => {
    await stopIn(
      'function keyed() { const key = { id: 1 }; const map = new Map<unknown, unknown>([["a", 1], [key, "object"]]); const set = new Set(["x", key]); debugger; return [map, set] }\nkeyed();',
    );
    assert.deepEqual(await children("map"), { '"a"': "1", 1: "{key: {…}, value: 'object'}" });
    const set = await children("set");
    assert.deepEqual(set, { 0: "'x'", 1: "{id: 1}" });
  });

  it("is not harmed by hostile values", async () => {
    await stopIn(`function hostile() {
  let touched = 0;
  const proxy = new Proxy({ a: 1 }, { get() { touched += 1; throw new Error("get") }, ownKeys() { touched += 1; throw new Error("keys") }, getOwnPropertyDescriptor() { touched += 1; throw new Error("descriptor") } });
  const huge = "x".repeat(30_000_000);
  const inside = { huge };
  const cycle: Record<string, unknown> = {}; cycle["self"] = cycle;
  const bare = Object.create(null); bare.x = 1;
  const liar = { toString() { touched += 1; throw new Error("toString") }, [Symbol.toStringTag]: "Liar", length: 1e9 };
  const named = { __proto__: null, "constructor": 1, "hasOwnProperty": 2 };
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => ["k" + i, i]));
  const revoked = Proxy.revocable({}, {}); revoked.revoke(); const gone = revoked.proxy;
  debugger;
  return [proxy, huge, inside, cycle, bare, liar, named, many, gone, touched];
}
hostile();`);
    const [scope] = await debuggee.scopes();
    const values = table(await debuggee.variables(scope?.variablesReference ?? 0));
    assert.equal(values["proxy"], "Proxy(Object)");
    assert.ok((values["huge"]?.length ?? 0) < 3000);
    for (const name of ["proxy", "inside", "cycle", "bare", "liar", "named", "gone"]) await children(name);
    assert.ok(((await children("inside"))["huge"]?.length ?? 0) < 3000);
    assert.equal((await children("bare"))["x"], "1");
    assert.equal((await children("named"))["constructor"], "1");
    const many = await children("many");
    assert.equal(Object.keys(many).length, 5);
    assert.equal((await debuggee.evaluate("touched")).result, "0");
  });

  it("assigns to variables, properties, elements and entries", async () => {
    await stopIn(`let top = 1;
function assign() {
  let local = 1;
  const fixed = "const";
  const object = { a: 1, list: [1, 2], map: new Map([["k", 1]]) };
  debugger;
  return JSON.stringify([local, object.a, object.list, [...object.map], top]);
}
assign()`);
    const set = async (variablesReference: number, name: string, value: string) =>
      (
        await debuggee.request<DebugProtocol.SetVariableResponse>("setVariable", {
          variablesReference,
          name,
          value,
        })
      ).value;
    const scope = await debuggee.scope("Local");
    assert.equal(await set(scope.variablesReference, "local", "(top + 41) as number"), "42");
    assert.equal((await debuggee.values("Local"))["local"], "42");
    const object = await local("object");
    assert.equal(await set(object.variablesReference, "a", "local * 2"), "84");
    const inside = await debuggee.variables(object.variablesReference);
    const list = inside.find(({ name }) => name === "list");
    const map = inside.find(({ name }) => name === "map");
    assert.equal(await set(list?.variablesReference ?? 0, "1", "'second'"), "'second'");
    assert.equal(await set(map?.variablesReference ?? 0, '"k"', "9"), "9");
    assert.equal(await set((await debuggee.scope("Notebook")).variablesReference, "top", "7"), "7");
    const wrong = await debuggee.respond("setVariable", {
      variablesReference: scope.variablesReference,
      name: "absent",
      value: "1",
    });
    assert.equal(wrong.success, false);
    const syntax = await debuggee.respond("setVariable", {
      variablesReference: scope.variablesReference,
      name: "local",
      value: "1 +",
    });
    assert.match(syntax.message ?? "", /SyntaxError/);
    await debuggee.resume();
    assert.match(String(((await run) as { text?: string }).text), /\[42,84,\[1,"second"\],\[\["k",9\]\],7\]/);
  });

  it("ends with the stop", async () => {
    await stopIn("function f() { const held = { a: 1 }; debugger; return held }\nf();");
    const held = await local("held");
    const { id } = await debuggee.topFrame();
    await debuggee.resume();
    await run;
    const late = await debuggee.respond("variables", { variablesReference: held.variablesReference });
    assert.match(late.message ?? "", /no longer available/);
    assert.equal((await debuggee.respond("scopes", { frameId: id })).success, false);
  });

  it("shows this, and what is returned", async () => {
    await stopIn(
      "class Box { v = 3; look() { debugger; const own = this.v; return own } }\nnew Box().look();",
    );
    assert.equal((await debuggee.values("Local"))["this"], "Box {v: 3}");
    await debuggee.step("next", run);
    await debuggee.step("next", run);
    assert.equal((await debuggee.values("Local"))["(return value)"], "3");
  });
});
