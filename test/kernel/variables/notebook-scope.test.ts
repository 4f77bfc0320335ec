import assert from "node:assert/strict";
import { Session } from "node:inspector";
import { NotebookScope } from "../../../kernel/child/variables/scope.ts";

describe("NotebookScope", () => {
  it("lists what REPL mode declared since, with values of every kind", () => {
    const session = new Session();
    session.connect();
    const evaluate = (expression: string): void =>
      session.post("Runtime.evaluate", { expression, replMode: true }, () => undefined);
    const scope = new NotebookScope(["scopeTestHidden"]);
    evaluate("let scopeTestNumber = 1; const scopeTestObject = { a: 1 }; class ScopeTestClass {}");
    evaluate("let scopeTestHidden = 1; let __scopeTestInternal = 1");
    evaluate("function scopeTestFunction() {}");
    evaluate("globalThis.scopeTestGlobal = undefined");
    evaluate("let scopeTestFailed = (() => { throw new Error('never set') })()");
    session.disconnect();

    const names = scope.names();
    for (const name of [
      "scopeTestNumber",
      "scopeTestObject",
      "ScopeTestClass",
      "scopeTestFunction",
      "scopeTestGlobal",
    ]) {
      assert.ok(names.includes(name), name);
    }
    for (const name of ["scopeTestHidden", "__scopeTestInternal", "process", "console", "Array"]) {
      assert.ok(!names.includes(name), name);
    }
    assert.equal(scope.value("scopeTestNumber"), 1);
    assert.deepEqual(scope.value("scopeTestObject"), { a: 1 });
    assert.equal(scope.value("scopeTestGlobal"), undefined);
    Reflect.deleteProperty(globalThis, "scopeTestGlobal");
    assert.throws(() => scope.value("scopeTestGlobal"), /has no value/);
    assert.throws(() => scope.value("process.exit(3)"), /there is no variable/);
    assert.throws(() => scope.value("scopeTestHidden"), /there is no variable/);
  });
});
