import assert from "node:assert/strict";
import {
  display,
  notebookHost,
  progress,
  TerminalBars,
  terminalProgress,
} from "../../../ml/notebook/index.ts";
import type { NotebookHost } from "../../../ml/notebook/index.ts";

class Terminal {
  readonly isTTY: boolean;
  readonly columns = 80;
  text = "";

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

describe("progress in a terminal", () => {
  let time = 0;
  const start = (isTTY: boolean): { terminal: Terminal; bar: typeof progress } => {
    time = 0;
    const terminal = new Terminal(isTTY);
    return { terminal, bar: terminalProgress(new TerminalBars(terminal, () => time)) };
  };

  it("rewrites one line and leaves the last state", () => {
    const { terminal, bar } = start(true);
    const seen: number[] = [];
    for (const item of bar([1, 2, 3, 4], { label: "rows", unit: "rows" })) {
      time += 500;
      seen.push(item);
    }
    assert.deepEqual(seen, [1, 2, 3, 4]);
    const lines = terminal.text.split("\r").filter((line) => line !== "");
    assert.equal(lines[0], "rows   0% ░░░░░░░░░░░░░░░░░░░░ 0/4 rows 0.0 s\u001b[K");
    assert.equal(lines[2], "rows  50% ██████████░░░░░░░░░░ 2/4 rows 1.0 s (1 s left)\u001b[K");
    assert.equal(lines.at(-1), "rows 100% ████████████████████ 4/4 rows 2.0 s\u001b[K\n");
    assert.equal(terminal.text.match(/\n/g)?.length, 1);
  });

  it("writes at most ten times a second and fits the line", () => {
    const { terminal, bar } = start(true);
    for (const _ of bar(Array.from({ length: 5000 }), "x".repeat(200))) time += 1;
    const draws = terminal.text.split("\r").filter((line) => line !== "");
    assert.ok(draws.length <= 52, String(draws.length));
    assert.ok(draws.slice(0, -1).every((line) => line.length <= 79 + "\u001b[K".length));
  });

  it("keeps logs short: a line at the end, and one every ten seconds", () => {
    const { terminal, bar } = start(false);
    for (const _ of bar(Array.from({ length: 30 }))) time += 1000;
    const counts = [...terminal.text.matchAll(/(\d+\/30).*\n/g)].map((match) => match[1]);
    assert.deepEqual(counts, ["10/30", "20/30", "30/30", "30/30"]);
    assert.ok(!terminal.text.includes("\r"));
  });

  it("shows inner bars on the same line", () => {
    const { terminal, bar } = start(true);
    for (const _ of bar([1, 2], "outer")) for (const __ of bar([1, 2], "inner")) time += 200;
    assert.match(terminal.text, /outer .*› {2}inner/);
    assert.equal(terminal.text.match(/\n/g)?.length, 1);
  });

  it("marks what failed, and moves by hand", async () => {
    const { terminal, bar } = start(true);
    const handle = bar(10, "steps");
    handle.advance(3);
    handle.note("loss 0.1");
    handle.fail();
    handle.finish();
    assert.match(terminal.text, /30% .*3\/10 0\.0 s failed · loss 0\.1/);
    async function* source(): AsyncGenerator<number> {
      yield 1;
      throw new Error("source");
    }
    await assert.rejects(async () => {
      for await (const _ of bar(source())) time += 1;
    }, /source/);
    assert.match(terminal.text, /1 0\.0 s failed/);
    assert.throws(() => Reflect.apply(bar, undefined, [{}]), /takes an iterable/);
  });
});

describe("display and progress in a notebook", () => {
  const symbol = Symbol.for("tenon.notebook");
  afterEach(() => {
    Reflect.deleteProperty(globalThis, symbol);
  });

  it("are the notebook's own", () => {
    const shown: unknown[] = [];
    const host: NotebookHost = {
      version: 1,
      cellId: "c",
      signal: new AbortController().signal,
      display: (data) => shown.push(data),
      update: () => undefined,
      clear: () => undefined,
      show: (value) => {
        shown.push(value);
        return { id: "shown", update: (next) => shown.push(next), clear: () => undefined };
      },
      progress: terminalProgress(new TerminalBars(new Terminal(true))),
    };
    Object.defineProperty(globalThis, symbol, { value: host, configurable: true });
    assert.equal(notebookHost(), host);
    display(1).update(2);
    assert.deepEqual(shown, [1, 2]);
    assert.deepEqual([...progress([1, 2])], [1, 2]);
  });

  it("ignore a notebook of another version", () => {
    Object.defineProperty(globalThis, symbol, { value: { version: 2 }, configurable: true });
    assert.equal(notebookHost(), undefined);
  });
});
