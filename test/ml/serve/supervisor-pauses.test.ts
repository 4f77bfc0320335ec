/** @file A supervisor that was stopped for a while, as when a machine or a container is paused. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Supervisor } from "../../../ml/serve/cluster/supervisor.ts";

/** Says that it is there, and how much memory it takes twenty times a second. */
const worker = `
process.send({ kind: "ready", url: "http://x" });
setInterval(() => process.send({ kind: "memory", bytes: 1 }), 50);
process.on("message", ({ kind }) => kind === "drain" && process.exit());
`;

describe("A supervisor that was paused itself", () => {
  let folder = "";
  before(() => (folder = mkdtempSync(join(tmpdir(), "tenon-supervisor-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("ends no worker for what it has not heard meanwhile", async () => {
    const program = join(folder, "worker.cjs");
    writeFileSync(program, worker);
    const events: string[] = [];
    const supervisor = new Supervisor({
      workers: 2,
      program,
      programArguments: [],
      nodeArguments: [],
      silenceTimeout: 2500,
      onEvent: (event) => events.push(event),
    });
    await supervisor.start();
    try {
      const before = supervisor.processes;
      // The lock of a word that nobody changes: this thread does nothing.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000);
      await sleep(1500);
      assert.deepEqual(supervisor.processes, before, events.join());
    } finally {
      await supervisor.close();
    }
  }).timeout(30_000);
});
