/** @file Optuna: its programs read our studies and go on with them, ours read its, both write one journal at the same time. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as v from "valibot";
import {
  categorical,
  cmaEsSampler,
  conditional,
  float,
  int,
  journalStorage,
  loadStudy,
  medianPruner,
  optimize,
  parameterImportances,
  space,
  tpeSampler,
} from "../../ml/tune/index.ts";
import { type PythonEnvironment, pythonEnvironment } from "../support/python-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const choice = v.union([v.string(), v.number(), v.boolean(), v.null()]);
const studySchema = v.object({
  direction: v.string(),
  best: v.number(),
  importances: v.record(v.string(), v.number()),
  trials: v.array(
    v.object({
      number: v.number(),
      state: v.string(),
      value: v.nullable(v.number()),
      params: v.record(v.string(), choice),
      kinds: v.record(v.string(), v.string()),
      reports: v.record(v.string(), v.string()),
      userAttributes: v.record(v.string(), v.unknown()),
      started: v.nullable(v.number()),
    }),
  ),
});

const shared = space({
  rate: float(1e-4, 1, { log: true }),
  depth: int(1, 9, { step: 2 }),
  kind: categorical(["a", 2, null, true]),
});
const objective = ({ rate, depth }: { readonly rate: number; readonly depth: number }): number =>
  rate + depth;

export const optuna: InteropSuite = {
  name: "optuna",
  about:
    "one journal of Optuna's: each reads the other's studies and goes on with them, both write it at once; its dashboard",
  peer: "optuna 5.0.0, optuna-dashboard 0.21.0",
  run: () =>
    withScratchFolder(async (folder) => {
      const environment = await pythonEnvironment(
        "optuna",
        join(import.meta.dirname, "optuna/requirements.txt"),
      );
      const python = async (script: string, ...args: readonly string[]): Promise<unknown> => {
        const { stdout } = await runCommand(
          environment.python,
          [join(import.meta.dirname, "optuna", script), ...args],
          { env: environment.env, timeout: 120_000 },
        );
        return JSON.parse(stdout);
      };
      const read = async (path: string, name: string) =>
        v.parse(studySchema, await python("read_study.py", path, name));
      const checks = new Checks();
      const ours = join(folder, "ours.log");
      const theirs = join(folder, "theirs.log");

      await checks.check("Optuna reads our study", async () => checkRead(ours, read));
      await checks.check("we read Optuna's study", async () => {
        await python("write_study.py", theirs, "theirs", "30", "tpe");
        const found = await loadStudy(journalStorage(theirs), "theirs");
        const expected = await read(theirs, "theirs");
        assert.equal(found.best.number, expected.best);
        assert.equal(found.trials.length, 31);
        assert.equal(found.trials.at(-1)?.state, "waiting");
        const states = new Set(found.trials.map(({ state }) => state));
        assert.ok(states.has("complete") && states.has("pruned"), [...states].join());
        for (const [at, trial] of found.trials.entries()) assertSame(trial, expected.trials[at]);
      });
      await checks.check("we take up what Optuna laid down, and go on by its trials", async () => {
        const study = await optimize(objective, {
          space: shared,
          trials: 36,
          name: "theirs",
          storage: journalStorage(theirs),
          sampler: tpeSampler({ seed: 1 }),
        });
        assert.equal(study.trials.length, 36);
        assert.deepEqual(study.trials[30]?.settings, { rate: 0.5, depth: 3, kind: "a" });
        assert.equal(study.trials[30]?.value, 3.5);
        assert.equal((await read(theirs, "theirs")).trials[30]?.value, 3.5);
      });
      await checks.check("Optuna goes on with our study", async () => {
        const path = join(folder, "taken-over.log");
        const storage = journalStorage(path);
        await optimize(objective, { space: shared, trials: 12, name: "s", storage });
        await python("write_study.py", path, "s", "8", "tpe");
        assert.equal((await loadStudy(storage, "s")).trials.length, 12 + 8 + 1);
      });
      await checks.check("both go on with a search by CMA-ES", async () => {
        const path = join(folder, "cma.log");
        const options = { space: shared, name: "s", storage: journalStorage(path), sampler: cmaEsSampler() };
        await optimize(objective, { ...options, trials: 15 });
        await python("write_study.py", path, "s", "15", "cmaEs");
        const study = await optimize(objective, { ...options, trials: 45 });
        const generations = study.trials.map((trial) =>
          Number(trial.systemAttributes.get("cma:generation") ?? 0),
        );
        assert.ok(Math.max(...generations) >= 3, generations.join());
      });
      await checks.check("both write one journal at the same time", async () => {
        const path = join(folder, "shared.log");
        const storage = journalStorage(path);
        await storage.openStudy("s", "minimize");
        const end = new AbortController();
        const reason = new Error("Optuna has ended");
        const ourSearch = optimize(async (settings) => (await setTimeout(20), objective(settings)), {
          space: shared,
          timeout: 120,
          parallel: 2,
          name: "s",
          storage,
          signal: end.signal,
        });
        const theirSearch = python("write_study.py", path, "s", "150", "cmaEs").finally(() =>
          end.abort(reason),
        );
        await assert.rejects(ourSearch, reason);
        const numbers = v.parse(v.array(v.number()), await theirSearch);
        const { trials } = await read(path, "s");
        assert.equal(numbers.length, 150);
        const between = (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) + 1 - numbers.length;
        assert.ok(between >= 1, `only ${between} of ours fell between theirs`);
        const found = await loadStudy(storage, "s");
        assert.equal(found.trials.length, trials.length);
        for (const [at, trial] of found.trials.entries()) assertSame(trial, trials[at]);
      });
      await checks.check("its dashboard shows our study", async () => checkDashboard(environment, ours));
      return checks.result;
    }),
};

type ReadStudy = (path: string, name: string) => Promise<v.InferOutput<typeof studySchema>>;
type OptunaTrial = v.InferOutput<typeof studySchema>["trials"][number];

async function checkRead(path: string, read: ReadStudy): Promise<void> {
  const study = await optimize(
    async ({ rate, booster }, trial) => {
      await trial.setUserAttribute("note", { texts: ["ä\n", null], deep: { number: 1.5 } });
      for (let step = 0; step < 3; step++)
        await trial.report(step === 1 && trial.number % 5 === 0 ? Number.NaN : rate + step, step);
      if (trial.number === 7) return Number.NaN;
      return rate + (booster.kind === "tree" ? booster.depth : booster.alpha);
    },
    {
      space: space({
        rate: float(1e-4, 1e-1, { log: true }),
        share: float(0, 0.5, { step: 0.1 }),
        width: int(8, 512, { log: true }),
        kind: categorical(["a", 2, null, false]),
        booster: conditional({ tree: { depth: int(2, 10) }, linear: { alpha: float(0, 5) } }),
      }),
      trials: 40,
      parallel: 3,
      direction: "maximize",
      pruner: medianPruner(),
      storage: journalStorage(path),
      name: "ours",
    },
  );
  const found = await read(path, "ours");
  assert.equal(found.direction, "maximize");
  assert.equal(found.best, study.best.number);
  const stored = await loadStudy(journalStorage(path), "ours");
  assert.equal(found.trials.length, 40);
  for (const [at, trial] of stored.trials.entries()) assertSame(trial, found.trials[at]);
  assert.deepEqual(found.trials[0]?.kinds["booster"], "CategoricalDistribution");
  const importances = parameterImportances(stored);
  for (const [name, importance] of Object.entries(found.importances))
    assert.ok(Math.abs((importances[name] ?? Number.NaN) - importance) < 1e-6, `${name}: ${importance}`);
}

function assertSame(
  trial: Awaited<ReturnType<typeof loadStudy>>["trials"][number],
  expected: OptunaTrial | undefined,
): void {
  const text = (value: number): string =>
    Number.isNaN(value)
      ? "nan"
      : Number.isFinite(value)
        ? "finite"
        : String(value).replace("Infinity", "inf");
  const reports = [...trial.intermediateValues].map(([step, value]) => [String(step), text(value)]);
  const expectedReports = Object.entries(expected?.reports ?? {}).map(([step, value]) => [
    step,
    text(Number(value.replace("inf", "Infinity"))),
  ]);
  assert.deepEqual(
    [
      trial.number,
      trial.state,
      trial.values[0] ?? null,
      trial.settings,
      Object.fromEntries(trial.userAttributes),
      reports,
    ],
    [
      expected?.number,
      expected?.state,
      expected?.value,
      expected?.params,
      expected?.userAttributes,
      expectedReports,
    ],
  );
  if (trial.startedAt)
    assert.ok(Math.abs(trial.startedAt.getTime() / 1000 - (expected?.started ?? 0)) < 0.01, "the start");
}

/** Asks the dashboard's own interface for the study. */
async function checkDashboard({ python, env }: PythonEnvironment, path: string): Promise<void> {
  const port = 20_000 + (process.pid % 20_000);
  const server = spawn(
    python,
    [
      "-c",
      `from optuna_dashboard._cli import main; main()`,
      path,
      "--port",
      String(port),
      "--host",
      "127.0.0.1",
    ],
    { env: { ...process.env, ...env }, stdio: "ignore" },
  );
  try {
    const studies = v.parse(
      v.object({ study_summaries: v.array(v.object({ study_id: v.number(), study_name: v.string() })) }),
      await ask(`http://127.0.0.1:${port}/api/studies`),
    );
    assert.deepEqual(
      studies.study_summaries.map(({ study_name }) => study_name),
      ["ours"],
    );
    const detail = v.parse(
      v.object({ trials: v.array(v.object({ number: v.number(), state: v.string() })) }),
      await ask(`http://127.0.0.1:${port}/api/studies/${studies.study_summaries[0]?.study_id}`),
    );
    assert.equal(detail.trials.length, 40);
  } finally {
    server.kill();
    await once(server, "close");
  }
}

/** What a server that is just starting answers. */
async function ask(url: string): Promise<unknown> {
  for (const until = performance.now() + 60_000; ; await setTimeout(200)) {
    try {
      const response = await fetch(url);
      if (response.ok) return await response.json();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    if (performance.now() > until) throw new Error(`${url} gives no answer`);
  }
}
