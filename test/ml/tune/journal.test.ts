import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  categorical,
  conditional,
  float,
  int,
  JournalFormatError,
  journalStorage,
  loadStudy,
  medianPruner,
  optimize,
  space,
} from "../../../ml/tune/index.ts";
import { extendedJson, parseExtendedJson } from "../../../ml/tune/journal/extended-json.ts";

const line = space({ x: float(0, 1) });
const child = join(import.meta.dirname, "journal-child.ts");

function start(
  path: string,
  name: string,
  trials: number,
): { readonly process: ChildProcess; told: () => string[] } {
  const started = spawn(process.execPath, ["--import", "tsx", child, path, name, String(trials)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  started.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  return { process: started, told: () => output.split("\n").filter((text) => text !== "") };
}

describe("journals", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-journal-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const path = (): string => join(folder, "search.log");

  it("give back what was put in", async () => {
    const given = await optimize(
      async ({ rate, branch }, trial) => {
        await trial.report(Number.POSITIVE_INFINITY, 0);
        await trial.report(Number.NaN, 2);
        await trial.setUserAttribute("note", `"NaN" in ${trial.number}: Infinity`);
        return branch.kind === "a" ? rate : Number.NEGATIVE_INFINITY;
      },
      {
        space: space({
          rate: float(1e-3, 1, { log: true }),
          size: int(1, 3),
          choice: categorical(["ä \"'\n", null, 1.5]),
          branch: conditional({ a: {}, b: { depth: int(1, 2) } }),
        }),
        trials: 12,
        storage: journalStorage(path()),
        pruner: medianPruner({ nStartupTrials: 100 }),
      },
    );
    const read = await loadStudy(journalStorage(path()), "study");
    assert.equal(read.best.value, Number.NEGATIVE_INFINITY);
    assert.deepEqual(
      read.trials.map((trial) => Object.assign(trial, { settings: undefined })),
      given.trials.map((trial) => Object.assign(trial, { settings: undefined })),
    );
    assert.equal(read.trials[3]?.userAttributes.get("note"), '"NaN" in 3: Infinity');
    await assert.rejects(loadStudy(journalStorage(path()), "other"), /no study "other", only "study"/);
  });

  it("hold several studies, which others may write at the same time", async () => {
    const names = ["a", "b"];
    await Promise.all(
      names.map(async (name) =>
        optimize(({ x }) => x, {
          space: line,
          trials: 6,
          storage: journalStorage(path()),
          name,
          parallel: 2,
        }),
      ),
    );
    const storage = journalStorage(path());
    for (const name of names) {
      const { trials } = await loadStudy(storage, name);
      assert.deepEqual(
        trials.map(({ number, state }) => [number, state]),
        Array.from({ length: 6 }, (_, number) => [number, "complete"]),
      );
    }
  });

  it("are shared by processes, and lose nothing that was acknowledged when those are killed", async function () {
    this.timeout(90_000);
    const acknowledged: string[] = [];
    for (let round = 0; round < 2; round++) {
      const children = [start(path(), "study", 10_000), start(path(), "study", 10_000)];
      while (children.some(({ told }) => told().length < 5)) await setTimeout(10);
      await setTimeout(Math.random() * 30);
      for (const { process } of children) process.kill("SIGKILL");
      await Promise.all(children.map(async ({ process }) => once(process, "close")));
      for (const { told } of children) acknowledged.push(...told());
    }
    const before = await loadStudy(journalStorage(path()), "study");
    for (const text of acknowledged) {
      const [number, value] = text.split(" ").map(Number);
      assert.equal(before.trials[number ?? -1]?.value, value, text);
    }
    assert.equal(new Set(acknowledged).size, acknowledged.length, "a number was given twice");
    const running = before.counts.running;
    const after = await optimize(({ x }) => x, {
      space: line,
      trials: before.counts.complete + 5,
      storage: journalStorage(path(), { gracePeriod: 1 }),
    });
    assert.equal(after.counts.complete, before.counts.complete + 5);
    assert.deepEqual([after.counts.running, after.counts.fail], [0, before.counts.fail + running]);
  });

  it("hold no lock and no running trial after a search was stopped", async () => {
    const controller = new AbortController();
    const search = optimize(
      async ({ x }, { number }) => {
        if (number === 4) controller.abort(new Error("enough"));
        return x;
      },
      { space: line, trials: 50, parallel: 3, storage: journalStorage(path()), signal: controller.signal },
    );
    await assert.rejects(search, /^Error: enough$/);
    assert.deepEqual(readdirSync(folder), ["search.log"]);
    const { counts, trials } = await loadStudy(journalStorage(path()), "study");
    assert.equal(counts.running, 0);
    assert.ok(counts.fail >= 1 && counts.complete + counts.fail === trials.length, JSON.stringify(counts));
  });

  it("drop a line that was cut off, and refuse one that is damaged", async () => {
    const search = async (trials: number) =>
      optimize(({ x }) => x, { space: line, trials, storage: journalStorage(path()) });
    await search(2);
    appendFileSync(path(), '{"op_code":4,"worker_id":"x","stu');
    assert.equal((await loadStudy(journalStorage(path()), "study")).trials.length, 2);
    assert.equal((await search(3)).trials.length, 3);
    assert.ok(!readFileSync(path(), "utf8").includes('"stu{'));
    appendFileSync(path(), '{"op_code":4,"worker_id":"x","stu\n');
    await assert.rejects(
      search(4),
      (error) => error instanceof JournalFormatError && /line 11 of .*is no JSON/.test(error.message),
    );
  });

  const hostile: Readonly<Record<string, string>> = {
    "no object": "17",
    "an unknown operation": '{"op_code":99,"worker_id":"x"}',
    "no study name": '{"op_code":0,"worker_id":"x","directions":[1]}',
    "no directions": '{"op_code":0,"worker_id":"x","study_name":"a","directions":[]}',
    "a state that is none":
      '{"op_code":4,"worker_id":"x","study_id":0,"datetime_start":null,"state":7,"values":null}',
    "a step that is none":
      '{"op_code":4,"worker_id":"x","study_id":0,"datetime_start":null,"values":null,"intermediate_values":{"a":1}}',
    "too deep an attribute": `{"op_code":8,"worker_id":"x","trial_id":0,"user_attr":{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`,
    "a time that is none": '{"op_code":4,"worker_id":"x","study_id":0,"datetime_start":"noon","values":null}',
    "a parameter without distribution":
      '{"op_code":4,"worker_id":"x","study_id":0,"datetime_start":null,"params":{"x":1},"values":null}',
    "a distribution that is none":
      '{"op_code":5,"worker_id":"x","trial_id":0,"param_name":"x","param_value_internal":1,"distribution":"{}"}',
    "limits upside down": String.raw`{"op_code":5,"worker_id":"x","trial_id":0,"param_name":"x","param_value_internal":1,"distribution":"{\"name\":\"IntDistribution\",\"attributes\":{\"low\":3,\"high\":1,\"log\":false,\"step\":1}}"}`,
    "a choice that is none": String.raw`{"op_code":5,"worker_id":"x","trial_id":0,"param_name":"x","param_value_internal":4,"distribution":"{\"name\":\"CategoricalDistribution\",\"attributes\":{\"choices\":[1]}}"}`,
  };
  for (const [what, text] of Object.entries(hostile))
    it(`say where there is ${what}`, async () => {
      const begin = [
        '{"op_code":0,"worker_id":"x","study_name":"study","directions":[1]}',
        '{"op_code":4,"worker_id":"x","study_id":0,"datetime_start":null,"values":null}',
      ];
      writeFileSync(path(), `${[...begin, text].join("\n")}\n`);
      await assert.rejects(journalStorage(path()).studies(), JournalFormatError);
    });

  it("keep names from being taken for what objects have", async () => {
    writeFileSync(
      path(),
      [
        '{"op_code":0,"worker_id":"x","study_name":"__proto__","directions":[1]}',
        '{"op_code":4,"worker_id":"x","study_id":0,"datetime_start":null,"values":null,"user_attrs":{"__proto__":{"polluted":1}}}',
        "",
      ].join("\n"),
    );
    const { trials } = await loadStudy(journalStorage(path()), "__proto__");
    assert.equal(trials.length, 1);
    assert.equal(Object("")["polluted"], undefined);
    assert.deepEqual([...(trials[0]?.userAttributes.keys() ?? [])], ["__proto__"]);
  });

  it("keep what has a name that objects have", async () => {
    const names = ["constructor", "prototype", "__proto__"];
    const storage = journalStorage(path());
    await optimize(
      async ({ constructor: x }, trial) => {
        for (const name of names) await trial.setUserAttribute(name, { [name]: name });
        return x;
      },
      { space: space({ constructor: float(0, 1) }), trials: 1, storage, name: "constructor" },
    );
    const { trials } = await loadStudy(journalStorage(path()), "constructor");
    assert.deepEqual(
      [...(trials[0]?.userAttributes ?? [])],
      names.map((name) => [name, { [name]: name }]),
    );
  });

  it("wait for a lock, and remove that of a process that has died", async () => {
    const storage = journalStorage(path(), { gracePeriod: 0.4 });
    await optimize(({ x }) => x, { space: line, trials: 1, storage });
    symlinkSync(path(), `${path()}.lock`);
    const started = performance.now();
    await optimize(({ x }) => x, { space: line, trials: 2, storage });
    assert.ok(performance.now() - started > 400, "the lock was not waited for");
  });

  it("are JSON as Python writes it", () => {
    const value = {
      a: [Number.NaN, Number.POSITIVE_INFINITY, -1.5],
      NaN: 'a "NaN" \\',
      b: Number.NEGATIVE_INFINITY,
    };
    const text = '{"a":[NaN,Infinity,-1.5],"NaN":"a \\"NaN\\" \\\\","b":-Infinity}';
    assert.equal(extendedJson(value), text);
    assert.deepEqual(parseExtendedJson(text), value);
    assert.throws(() => parseExtendedJson("{NaN}"), SyntaxError);
  });
});
