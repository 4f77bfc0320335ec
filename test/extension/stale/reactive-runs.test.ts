import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { sourceNames } from "../../../cells/name-graph.ts";
import type { FinishedExecution } from "../../../extension/kernels/kernel-session.ts";
import { NotebookStaleness } from "../../../extension/stale/notebook-staleness.ts";
import { ReactiveRuns } from "../../../extension/stale/reactive-runs.ts";
import { type TestKernel, runCell, startKernel } from "../../kernel/kernel-fixture.ts";

describe("reactive runs, on a kernel", function () {
  this.timeout(60_000);
  const sources = new Map([
    ["a", "let x = 1"],
    ["b", "const y = x * 2"],
    ["c", "x = x + y"],
    ["d", "const text = `${x} ${y}`; text"],
    ["e", "throw new Error(text)"],
    ["f", "text + '!'"],
  ]);
  let kernel: TestKernel;
  let running = false;
  const isRunning = (): boolean => running;
  let ran: string[] = [];
  let result: unknown;
  const state = new NotebookStaleness(sourceNames);
  const reactive = new ReactiveRuns({
    isIdle: () => !isRunning(),
    plan: (roots) => state.planBehind(roots),
    run: async (cells) => {
      for (const cell of cells) if ((await run(cell)).status !== "ok") return;
    },
    onProblem: (error) => assert.fail(String(error)),
  });

  const run = async (cellId: string): Promise<FinishedExecution> => {
    running = true;
    const code = sources.get(cellId) ?? "";
    const cell = await runCell(kernel.client, code, { cellId });
    running = false;
    result = cell.result ?? result;
    ran.push(cellId);
    const execution = { cellId, code, status: cell.reply.status };
    state.executed(execution);
    reactive.executed(execution);
    return execution;
  };
  const quiet = async (): Promise<string> => {
    for (let before = -1; before !== ran.length || isRunning(); await delay(500)) before = ran.length;
    const order = ran.join("");
    ran = [];
    return order;
  };

  before(async () => {
    kernel = await startKernel();
    state.setCells([...sources].map(([id, source]) => ({ id, source })));
  });
  after(async () => {
    reactive.dispose();
    await kernel?.stop();
  });

  it("do not run again what runs anyway", async () => {
    for (const cell of "abcd") await run(cell);
    assert.equal(await quiet(), "abcd");
  });

  it("run each dependant once, in order, though the cells go round in a circle", async () => {
    sources.set("a", "let x = 10");
    state.setCells([...sources].map(([id, source]) => ({ id, source })));
    await run("a");
    assert.equal(await quiet(), "abcd");
    assert.equal(result, "'30 20'");
    assert.equal(state.stale.size, 0);
  });

  it("leave cells alone that never ran, and stop at an error", async () => {
    await run("d");
    assert.equal(await quiet(), "d");
    await run("e");
    await run("f");
    assert.equal(await quiet(), "ef");
    await run("d");
    assert.equal(await quiet(), "de");
    assert.deepEqual([...state.stale.keys()], ["f"]);
  });
});
