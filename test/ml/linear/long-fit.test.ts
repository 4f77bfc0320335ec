import assert from "node:assert/strict";
import { sgdClassifier } from "../../../ml/linear/index.ts";
import type { NotebookHost } from "../../../ml/notebook-host.ts";
import { terminalProgress } from "../../../ml/notebook/progress.ts";
import { TerminalBars } from "../../../ml/notebook/terminal-bar.ts";
import { dataOf } from "./linear-reference.ts";

const hostKey = Symbol.for("tenon.notebook");

describe("a long fit in a notebook", () => {
  const interrupt = new AbortController();
  const written: string[] = [];

  before(() => {
    const output = { isTTY: true, write: (text: string): unknown => written.push(text) };
    const host: NotebookHost = {
      version: 1,
      cellId: "cell",
      signal: interrupt.signal,
      display: () => undefined,
      update: () => undefined,
      clear: () => undefined,
      progress: terminalProgress(new TerminalBars(output)),
    };
    Reflect.set(globalThis, hostKey, host);
  });
  after(() => {
    Reflect.deleteProperty(globalThis, hostKey);
  });

  it("shows a bar after a second, and ends with the cell", async () => {
    const { matrix, target } = dataOf("binary");
    const endless = sgdClassifier({ maxIter: 1e9, nIterNoChange: 1e9 });
    setTimeout(() => interrupt.abort(new Error("interrupted")), 1300);
    await assert.rejects(endless.fit(matrix, target), /interrupted/);
    assert.match(written.join(""), /sgdClassifier.*steps.*objective/);
    assert.ok(written.at(-1)?.endsWith("\n"), "the bar has ended");
  });
});
