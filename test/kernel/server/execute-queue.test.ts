import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { runCell, startKernel, summarise, type CellRun, type TestKernel } from "../kernel-fixture.ts";

/** Its types take the compiler minutes. */
const endlessCheck = `type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type Row<N extends number, T extends unknown[] = []> = T["length"] extends N ? T : Row<N, [...T, Digit]>;
type Walk<A, B> = A extends [infer X, ...infer R] ? (X extends Digit ? Walk<R, B | [X, B]> : never) : B;
type Deep<N extends number> = { [K in Digit as \`\${K}\${Digit}\${Digit}\${Digit}\`]: Walk<Row<N>, K> };
const many: Deep<12> = {} as Deep<11>;
many`;

describe("kernel: the queue of cells", () => {
  let kernel: TestKernel;
  beforeEach(async () => {
    kernel = await startKernel();
  });
  afterEach(() => kernel.stop());

  /** Sends all cells at once. */
  async function runAll(
    sources: readonly string[],
    options: Parameters<TestKernel["client"]["execute"]>[1] = {},
  ): Promise<CellRun[]> {
    const runs = sources.map((source) => kernel.client.execute(source, options).result());
    return (await Promise.all(runs)).map(({ reply, outputs }) => summarise(reply, outputs));
  }

  it("ends a cell as interrupted whose types are being checked", async () => {
    await runCell(kernel.client, "const kept = 1");
    const slow = kernel.client.execute(endlessCheck).result();
    const behind = kernel.client.execute("2");
    await delay(500);
    await kernel.client.interrupt();
    const { reply, outputs } = await slow;
    const run = summarise(reply, outputs);
    assert.equal(reply.status, "error");
    assert.equal(run.error?.ename, "Interrupted");
    assert.match(run.error.traceback, /^Interrupted: [^\n]*$/);
    assert.equal((await behind.reply).status, "aborted");
    assert.equal((await runCell(kernel.client, "kept + 1")).result, "2");
  });

  it("stops a cell whenever the interrupt comes after its start", async () => {
    let delayed = 0;
    for (const check of ["on", "off"]) {
      await runCell(kernel.client, `%check ${check}`);
      for (let round = 0; round < 30; round += 1) {
        const busy = new Promise<void>((resolve) => {
          const stop = kernel.client.onIopub(({ header, content }) => {
            if (header.msg_type !== "status" || content["execution_state"] !== "busy") return;
            stop();
            resolve();
          });
        });
        const endless = kernel.client.execute(`const round${check}${round} = 1; while (true) {}`);
        await busy;
        // From the moment of its start to that at which it runs.
        for (let turn = 0; turn < delayed; turn += 1) await delay(0);
        delayed = (delayed + 1) % 5;
        await kernel.client.interrupt();
        assert.equal((await endless.reply).status, "error");
      }
    }
  });

  it("runs 200 cells that stand on each other, names changing their types on the way", async () => {
    const sources = ["let n0 = 0; const same: number = 0"];
    for (let i = 1; i < 200; i += 1) {
      const redeclared =
        i % 3 === 0 ? `; const same = "${i}".length` : i % 3 === 1 ? "; const same = [n0]" : "";
      const use = i % 3 === 1 ? "same.toFixed(0)" : i % 3 === 2 ? "same.at(0)" : "same";
      sources.push(
        redeclared === ""
          ? `const n${i} = n${i - 1} + 1; ${use}; n${i}`
          : `const n${i} = n${i - 1} + 1${redeclared}; n${i}`,
      );
    }
    const runs = await runAll(sources);
    assert.deepEqual(
      runs.map(({ reply, error }) => error?.traceback ?? reply.status),
      sources.map(() => "ok"),
    );
    assert.deepEqual(
      runs.slice(1).map(({ result }) => result),
      sources.slice(1).map((_, index) => `${index + 1}`),
    );
  });

  it("aborts what waits behind a type error, and keeps nothing of it", async () => {
    const sources = Array.from(
      { length: 60 },
      (_, i) => `const a${i} = ${i === 0 ? "1" : `a${i - 1}`}; a${i}`,
    );
    sources[30] = `const a30: string = a29`;
    const runs = await runAll(sources);
    assert.deepEqual(
      runs.map(({ reply }) => reply.status),
      sources.map((_, i) => (i < 30 ? "ok" : i === 30 ? "error" : "aborted")),
    );
    assert.equal(runs[30]?.error?.ename, "TypeCheckError");
    assert.match((await runCell(kernel.client, "a31")).error?.evalue ?? "", /Cannot find name 'a31'/);
    assert.equal((await runCell(kernel.client, "a29")).result, "1");
  });

  it("goes on behind a type error without stop_on_error, with the names as they were", async () => {
    const sources = [
      "const kind = 1",
      "kind.toFixed(0)",
      `const kind: string = 5`,
      "kind.toFixed(1)",
      "kind.length",
    ];
    for (let i = 0; i < 30; i += 1) sources.push(`const z${i} = kind + ${i}; z${i}.toFixed(0)`);
    const runs = await runAll(sources, { stopOnError: false });
    assert.deepEqual(
      runs.slice(0, 5).map(({ error, result }) => error?.evalue ?? result),
      [
        undefined,
        "'1'",
        "Type 'number' is not assignable to type 'string'.",
        "'1.0'",
        "Property 'length' does not exist on type '1'.",
      ],
    );
    assert.ok(runs.slice(5).every(({ reply }) => reply.status === "ok"));
  });

  it("sees the module that an earlier cell of the queue writes, and what another changes in it", async () => {
    const runs = await runAll([
      `import { writeFileSync } from "node:fs"; writeFileSync("made.ts", "export const made: number = 1;")`,
      `import { made } from "./made.ts"; made.toFixed(1)`,
      `await new Promise((resolve) => setTimeout(resolve, 20)); writeFileSync("made.ts", "export const made: string = 'text';")`,
      "const still = 1",
      `import { made } from "./made.ts"; made.toUpperCase()`,
      "made.length + still",
    ]);
    assert.deepEqual(
      runs.map(({ error, result }) => error?.traceback ?? result),
      [undefined, "'1.0'", undefined, undefined, "'TEXT'", "5"],
    );
  });

  it("turns checking off and on in the middle of a queue", async () => {
    const runs = await runAll(
      [
        "const a = 1",
        "a.wrong",
        "%check off",
        "a.wrong",
        "const b: string = a",
        "%check on",
        "b.toFixed()",
        "a.wrong",
        "%%check off\na.wrong",
        "a.wrong",
      ],
      { stopOnError: false },
    );
    assert.deepEqual(
      runs.map(({ error }) => error?.ename),
      [
        undefined,
        "TypeCheckError",
        undefined,
        undefined,
        undefined,
        undefined,
        "TypeCheckError",
        "TypeCheckError",
        undefined,
        "TypeCheckError",
      ],
    );
  });

  it("aborts a long queue when it is interrupted, and goes on afterwards", async () => {
    const first = kernel.client.execute("const before = 1; before");
    const loop = kernel.client.execute("let turns = 0; while (true) turns += 1");
    const waiting = Array.from({ length: 100 }, (_, i) =>
      kernel.client.execute(`const after${i} = before + ${i}`),
    );
    assert.equal((await first.reply).status, "ok");
    await delay(300);
    await kernel.client.interrupt();
    const { outputs, reply } = await loop.result();
    assert.equal(summarise(reply, outputs).error?.ename, "Interrupted");
    for (const { reply: aborted } of waiting) assert.equal((await aborted).status, "aborted");
    assert.match((await runCell(kernel.client, "after5")).error?.evalue ?? "", /Cannot find name 'after5'/);
    const again = await runAll(["const after5 = 'text'", "after5.toUpperCase() + before"]);
    assert.equal(again[1]?.result, "'TEXT1'");
  });

  it("answers completions in the middle of a queue with names that cells have made", async () => {
    const slow = kernel.client.execute(
      "const shown1 = 1; await new Promise((resolve) => setTimeout(resolve, 400))",
    );
    const waiting = Array.from({ length: 40 }, (_, i) =>
      kernel.client.execute(`const shownLater${i} = shown1`),
    );
    await delay(200);
    const { matches } = await kernel.client.complete("shown", 5);
    assert.deepEqual(
      matches.filter((name) => name.startsWith("shown")),
      ["shown1"],
    );
    assert.equal((await slow.reply).status, "ok");
    for (const { reply } of waiting) assert.equal((await reply).status, "ok");
    const later = await kernel.client.complete("shownL", 6);
    assert.equal(later.matches.filter((name) => name.startsWith("shownLater")).length, 40);
  });
});
