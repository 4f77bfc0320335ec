import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import { disconnect } from "../../../ml/track/connection.ts";
import {
  downloadArtifacts,
  getRun,
  replayJournals,
  run,
  startRun,
  TrackingError,
} from "../../../ml/track/index.ts";
import { claimJournal, findJournals, newJournalPath } from "../../../ml/track/journal/journal-folder.ts";
import { callLine, doneLine, openLine, parseLine } from "../../../ml/track/journal/journal-lines.ts";
import { Journal } from "../../../ml/track/journal/journal.ts";
import { RunClock } from "../../../ml/track/run-clock.ts";
import { stepsOf, upTo } from "./points-of.ts";
import { scratchStore, warningsOf } from "./scratch-store.ts";

const child = (name: string): string => join(import.meta.dirname, name);
const library = join(import.meta.dirname, "../../../dist/ml/track/index.js");

describe("A journal", () => {
  const store = scratchStore();
  const deadOwner = "999999999-1";

  /** A journal that a process has left which is gone. */
  function leave(runId: string, lines: readonly string[]): string {
    const folder = join(store.folder, "journals");
    mkdirSync(folder, { recursive: true });
    const host = readdirSync(folder)
      .map((name) => /-([0-9a-f]{8})\.journal$/.exec(name)?.[1])
      .find((found) => found !== undefined);
    const path = join(folder, `${runId}.00000001.${deadOwner}-${host}.journal`);
    writeFileSync(path, lines.join(""));
    return path;
  }

  const batch = (runId: string, step: number): string =>
    JSON.stringify({ run_id: runId, metrics: [{ key: "loss", value: step, timestamp: 1, step }] });

  it("is sent by the next process, but for what is done, torn or damaged", async () => {
    const one = await startRun();
    const { runId } = one.info;
    const call = (seq: number): string => callLine(seq, "runs/log-batch", batch(runId, seq));
    leave(runId, [
      openLine(store.folder, runId),
      ...upTo(3).map(call),
      doneLine(1),
      call(3).replace('"loss"', '"lost"'),
      "\n\0garbage\n",
      call(4),
      callLine(5, "runs/update", JSON.stringify({ run_id: runId, status: "FAILED", end_time: 5 })),
      call(6).slice(0, 40),
    ]);
    const warnings = await warningsOf(async () => {
      assert.deepEqual(await replayJournals(), { runs: 1, calls: 3, damaged: 3 });
    });
    assert.match(warnings.join("\n"), /3 lines of the journal .* are torn or damaged/);
    assert.deepEqual(await stepsOf(runId, "loss"), [2, 4]);
    assert.equal((await getRun(runId)).info.status, "FAILED");
    assert.deepEqual(await replayJournals(), { runs: 0, calls: 0, damaged: 0 });
    await one.end();
  });

  it("of anything else is passed over", async () => {
    const one = await startRun();
    for (const [at, lines] of [
      [],
      ["no journal at all\n"],
      [openLine(store.folder, "0".repeat(32)), callLine(1, "runs/log-batch", batch("0".repeat(32), 1))],
      [openLine(store.folder, "../../x")],
      [JSON.stringify({ kind: "open" })],
    ].entries()) {
      const path = leave(`${at}`.repeat(32), lines);
      await replayJournals();
      assert.throws(() => readFileSync(path), { code: "ENOENT" });
    }
    await one.end();
    assert.deepEqual(
      readdirSync(join(store.folder, "journals")).filter((name) => name.endsWith(".journal")),
      [],
    );
  });

  it("has lines that tell whether they are whole", () => {
    const line = callLine(7, "runs/outputs", '{"a":"é\\n"}').trimEnd();
    assert.deepEqual(parseLine(line), { kind: "call", seq: 7, endpoint: "runs/outputs", body: { a: "é\n" } });
    for (const wrong of ["", "x", line.slice(0, -1), line.replace("7", "8"), `00000000${line.slice(8)}`])
      assert.equal(parseLine(wrong), undefined);
  });

  it("is claimed by one process only, and not while its own runs", async () => {
    const folder = store.path("claims");
    const path = await newJournalPath(folder, "a".repeat(32));
    writeFileSync(path, "");
    const [own] = await findJournals(folder);
    assert.equal(own?.isAlive, true);
    const name = path.replace(/\.\d+-\d+-/, `.${deadOwner}-`);
    writeFileSync(name, "");
    const dead = (await findJournals(folder)).find(({ isAlive }) => !isAlive);
    assert.equal(dead?.path, name);
    assert.ok(dead);
    const claims = await Promise.all(upTo(8).map(() => claimJournal(dead)));
    assert.equal(claims.filter((claim) => claim !== undefined).length, 1);
    // A process with its number, but started at another time.
    const reused = path.replace(/\.(\d+)-\d+-/, ".$1-7-");
    writeFileSync(reused, "");
    const found = (await findJournals(folder)).find((journal) => journal.path === reused);
    assert.equal(found?.isAlive, process.platform !== "linux");
  });

  it("is emptied when all of a large one is done", async () => {
    const journal = new Journal(store.path("large"), "x", "b".repeat(32));
    const line = callLine(1, "runs/outputs", JSON.stringify({ text: "x".repeat(100_000) }));
    const places = await journal.append(Array.from({ length: 12 }, () => line));
    assert.equal(await journal.read(places[7] ?? { offset: 0, length: 0 }), line);
    await journal.shrink(() => false);
    assert.equal(
      readFileSync(journal.path ?? "").length,
      openLine("x", "b".repeat(32)).length + 12 * line.length,
    );
    await journal.shrink(() => true);
    assert.equal(readFileSync(journal.path ?? "", "utf8"), openLine("x", "b".repeat(32)));
    const [next] = await journal.append([line]);
    assert.equal(await journal.read(next ?? { offset: 0, length: 0 }), line);
    await journal.close(true);
  });
});

describe("Trouble while logging", () => {
  const store = scratchStore();

  it("two processes write one folder at once", async () => {
    const count = 2000;
    const runs = await Promise.all(
      [1, 2].map(() =>
        promisify(execFile)(process.execPath, [child("two-writers-child.mjs"), store.folder, String(count)]),
      ),
    );
    for (const { stdout } of runs) {
      const id = stdout.trim();
      assert.deepEqual(await stepsOf(id, "loss"), upTo(count));
      const path = await downloadArtifacts(`runs:/${id}/count.txt`, store.path(id));
      assert.equal(readFileSync(path, "utf8"), String(count));
    }
    const [first, second] = await Promise.all(runs.map(async ({ stdout }) => getRun(stdout.trim())));
    assert.equal(first?.info.experimentId, second?.info.experimentId);
  }).timeout(60_000);

  it("the disk fills and gets room again", function () {
    const folder = mkdtempSync(join(tmpdir(), "tenon-full-"));
    try {
      const script = `mount -t tmpfs -o size=4m tmpfs "$1" && "$2" "$3" "$1"`;
      const args = ["-rm", "sh", "-c", script, "sh", folder, process.execPath, child("full-disk-child.mjs")];
      const probe = spawnSync("unshare", ["-rm", "sh", "-c", 'mount -t tmpfs tmpfs "$1"', "sh", folder]);
      if (probe.status !== 0) {
        process.stdout.write(
          `      skipped: no file system can be mounted here: ${String(probe.stderr ?? probe.error)}\n`,
        );
        this.skip();
      }
      const { stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8" });
      const schema = v.object({
        before: v.object({ waiting: v.number() }),
        full: v.object({ name: v.string(), message: v.string() }),
        artifact: v.string(),
        after: v.object({ waiting: v.number() }),
        points: v.number(),
        doubled: v.number(),
        status: v.string(),
      });
      const said = stdout.trim();
      assert.notEqual(said, "", stderr);
      const { full, artifact, ...rest } = v.parse(schema, JSON.parse(said));
      assert.equal(full.name, "TrackingError");
      assert.match(full.message, /is in memory only: .*the journal can't be written: ENOSPC/s);
      assert.match(artifact, /ENOSPC/);
      assert.deepEqual(rest, {
        before: { waiting: 0 },
        after: { waiting: 0 },
        points: 5001,
        doubled: 0,
        status: "FINISHED",
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }).timeout(60_000);

  it("a folder can't be written", () => {
    const folder = store.path("read-only");
    mkdirSync(folder);
    chmodSync(store.path(), 0o755);
    chmodSync(folder, 0o555);
    const script = `import { startRun } from ${JSON.stringify(library)};
      await startRun({ trackingUri: process.argv[1] }).catch(({ name, message }) => console.log(name, message));`;
    // Who may do everything is somebody else for this.
    const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const args = ["--input-type=module", "-e", script, folder];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: "/", ...identity });
    assert.match(stdout, /^TrackingUnavailableError .*read-only.*permission denied|EACCES/, stderr);
  }).timeout(60_000);

  it("the place of the folder is a file", async () => {
    const file = store.path("file");
    writeFileSync(file, "");
    await assert.rejects(
      run({ trackingUri: file }, () => {}),
      {
        name: "TrackingUnavailableError",
        message: /the store of runs can't be used: .*(ENOTDIR|EEXIST)/,
      },
    );
    await disconnect(file);
  });

  it("the folder holds another database", async () => {
    const folder = store.path("other");
    mkdirSync(join(folder, "artifacts"), { recursive: true });
    writeFileSync(join(folder, "tenon.db"), "x".repeat(5000));
    await assert.rejects(startRun({ trackingUri: folder }), TrackingError);
    await disconnect(folder);
  });

  it("the clock is set back: time goes on from where it was", () => {
    let clock = 1_000_000;
    const time = new RunClock(() => clock);
    const seen = [time.now()];
    for (const by of [5, -500_000, 0, 3, 10, -7, 2, 600_000]) {
      clock += by;
      seen.push(time.now());
    }
    assert.deepEqual(
      seen.map((at) => at - 1_000_000),
      [0, 5, 5, 5, 8, 18, 18, 20, 600_020],
    );
  });

  it("the process ends by itself, by an error and by exit while a run is open", async () => {
    const script = (end: string): string =>
      `import { startRun } from ${JSON.stringify(library)};
       const run = await startRun({ trackingUri: process.argv[1] });
       for (let step = 0; step < 1500; step++) run.logMetric("loss", step, { step });
       console.log(run.info.runId);
       ${end}`;
    for (const [end, status] of [
      ["", "FINISHED"],
      ["process.exit(0)", "FINISHED"],
      ["process.exit(3)", "FAILED"],
      ["setTimeout(() => { throw new Error('uncaught'); })", "FAILED"],
    ] as const) {
      const args = ["--input-type=module", "-e", script(end), store.folder];
      const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
      const id = stdout.trim();
      await replayJournals();
      assert.deepEqual(await stepsOf(id, "loss"), upTo(1500), end);
      assert.equal((await getRun(id)).info.status, status, end);
    }
  }).timeout(60_000);
});
