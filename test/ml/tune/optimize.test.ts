import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { InvalidInputError } from "../../../ml/errors.ts";
import {
  categorical,
  conditional,
  float,
  gridSampler,
  int,
  loadStudy,
  medianPruner,
  memoryStorage,
  ObjectiveModuleError,
  optimize,
  randomSampler,
  space,
  StudyMismatchError,
  tpeSampler,
  cmaEsSampler,
  TrialPruned,
} from "../../../ml/tune/index.ts";

const line = space({ x: float(-10, 10) });
const mixed = space({
  rate: float(1e-4, 1e-1, { log: true }),
  depth: int(2, 10, { step: 2 }),
  share: float(0, 0.3, { step: 0.1 }),
  fixed: int(7, 7),
  kind: categorical(["a", 2, null, true]),
  booster: conditional({ tree: { leaves: int(2, 64, { log: true }) }, linear: { alpha: float(0, 1) } }),
});
const parabola = new URL("./objectives/parabola.mjs", import.meta.url);

describe("optimize", () => {
  for (const sampler of [randomSampler, tpeSampler, cmaEsSampler])
    it(`gives the objective settings of the space, by ${sampler.name}`, async () => {
      const branches = new Set<string>();
      const study = await optimize(
        ({ rate, depth, share, fixed, kind, booster }) => {
          assert.ok(rate >= 1e-4 && rate <= 1e-1);
          assert.ok([2, 4, 6, 8, 10].includes(depth));
          assert.ok([0, 0.1, 0.2, 0.3].includes(share), String(share));
          assert.equal(fixed, 7);
          assert.ok(["a", 2, null, true].includes(kind));
          branches.add(booster.kind);
          if (booster.kind === "tree") assert.ok(Number.isInteger(booster.leaves) && booster.leaves <= 64);
          else assert.ok(booster.alpha >= 0 && booster.alpha <= 1);
          return rate + depth + (booster.kind === "tree" ? booster.leaves : booster.alpha);
        },
        { space: mixed, trials: 60, sampler: sampler({ seed: 3 }) },
      );
      assert.deepEqual([...branches].sort(), ["linear", "tree"]);
      assert.equal(study.trials.length, 60);
      const values = study.completed.map(({ value }) => value);
      assert.equal(study.best.value, Math.min(...values));
      for (const { settings, parameters } of study.completed)
        assert.equal(parameters.has("booster.tree.leaves"), settings.booster.kind === "tree");
    });

  it("looks at each parameter by itself where it is told to", async () => {
    const search = async (multivariate: boolean): Promise<readonly (number | undefined)[]> => {
      const study = await optimize(({ x, y }) => (x - 3) ** 2 + (y + 1) ** 2, {
        space: space({ x: float(-10, 10), y: float(-10, 10) }),
        trials: 60,
        sampler: tpeSampler({ seed: 1, multivariate }),
      });
      assert.ok(study.best.value < 1, String(study.best.value));
      return study.trials.map(({ value }) => value);
    };
    const [apart, together] = [await search(false), await search(true)];
    assert.deepEqual(apart.slice(0, 10), together.slice(0, 10));
    assert.notDeepEqual(apart, together);
  });

  it("with the same seed and one trial at a time tries the same", async () => {
    const run = async (): Promise<unknown> => {
      const study = await optimize(({ rate, depth }) => Math.abs(Math.log(rate) + depth), {
        space: mixed,
        trials: 25,
        sampler: tpeSampler({ seed: 11 }),
      });
      return study.trials.map(({ settings, value }) => [settings, value]);
    };
    assert.deepEqual(await run(), await run());
  });

  it("looks for high values where it is told to", async () => {
    const study = await optimize(({ x }) => 5 - (x - 3) ** 2, {
      space: line,
      direction: "maximize",
      trials: 60,
      sampler: tpeSampler({ seed: 2 }),
    });
    assert.ok(study.best.value > 4.8 && Math.abs(study.best.settings.x - 3) < 0.5, String(study.best.value));
  });

  it("runs trials at the same time, with choices that know of each other", async () => {
    let [running, most] = [0, 0];
    const study = await optimize(
      async ({ x }) => {
        most = Math.max(most, ++running);
        await setTimeout(3);
        running--;
        return x * x;
      },
      { space: line, trials: 24, parallel: 4, sampler: tpeSampler({ seed: 1 }) },
    );
    assert.equal(most, 4);
    assert.deepEqual(
      study.trials.map(({ number, state }) => [number, state]),
      Array.from({ length: 24 }, (_, number) => [number, "complete"]),
    );
    assert.equal(new Set(study.completed.map(({ settings }) => settings.x)).size, 24);
  });

  it("ends at its timeout with what was begun", async () => {
    const study = await optimize(async ({ x }) => (await setTimeout(20), x), { space: line, timeout: 0.15 });
    assert.ok(study.trials.length >= 2 && study.trials.length <= 9, `${study.trials.length} trials`);
    assert.ok(study.trials.every(({ state }) => state === "complete"));
  });

  it("tries every combination of a grid, and then ends", async () => {
    const study = await optimize(({ a, b, c }) => a + b + (c === "x" ? 0 : 100), {
      space: space({ a: float(0, 1), b: int(1, 3), c: categorical(["x", "y"]) }),
      sampler: gridSampler({ a: [0.25, 0.5] }),
    });
    assert.equal(study.trials.length, 12);
    assert.equal(new Set(study.completed.map(({ settings }) => JSON.stringify(settings))).size, 12);
    assert.deepEqual(study.best.settings, { a: 0.25, b: 1, c: "x" });
    const search = async (grid: Record<string, number[]>) =>
      optimize(({ x }) => x, { space: line, sampler: gridSampler(grid) });
    await assert.rejects(search({}), /"x" has too many values/);
    await assert.rejects(search({ y: [1] }), /no parameter "y"/);
    await assert.rejects(search({ x: [20] }), /20 is no value of float\(-10, 10\)/);
  });

  it("fails a trial that gives NaN, and goes on", async () => {
    const study = await optimize(({ x }, { number }) => (number % 2 === 0 ? Number.NaN : x), {
      space: line,
      trials: 6,
    });
    assert.deepEqual(study.counts, { running: 0, complete: 3, pruned: 0, fail: 3, waiting: 0 });
  });

  it("ends with the objective's error, unless it is to be caught", async () => {
    const storage = memoryStorage();
    const failing = ({ x }: { readonly x: number }, { number }: { readonly number: number }): number => {
      if (number === 2) throw new RangeError("too far");
      return x;
    };
    await assert.rejects(optimize(failing, { space: line, trials: 5, storage }), /RangeError: too far/);
    const stopped = await loadStudy(storage, "study");
    assert.deepEqual(
      stopped.trials.map(({ state }) => state),
      ["complete", "complete", "fail"],
    );
    assert.equal(stopped.trials[2]?.systemAttributes.get("fail_reason"), "too far");
    const study = await optimize(failing, {
      space: line,
      trials: 5,
      catch: (error) => error instanceof RangeError,
    });
    assert.deepEqual([study.counts.complete, study.counts.fail], [4, 1]);
    // SAFETY: an objective that isn't checked by the compiler.
    const text = (() => "1") as unknown as () => number;
    await assert.rejects(optimize(text, { space: line, trials: 1 }), /gave 1, which is no number/);
  });

  it("takes a trial that prunes itself for pruned", async () => {
    const study = await optimize(
      ({ x }) => {
        if (x < 0) throw new TrialPruned("negative");
        return x;
      },
      { space: line, trials: 20, sampler: randomSampler({ seed: 1 }) },
    );
    assert.ok(study.counts.pruned > 3 && study.counts.complete > 3);
    assert.equal(study.counts.pruned + study.counts.complete, 20);
  });

  it("stops when it is told to, though the objective doesn't listen", async () => {
    const storage = memoryStorage();
    const controller = new AbortController();
    let hanging = 0;
    const search = optimize(
      async ({ x }, { number }) => {
        if (number < 3) return x;
        if (++hanging === 2) controller.abort(new Error("enough"));
        return new Promise<number>(() => {});
      },
      { space: line, trials: 100, parallel: 2, storage, signal: controller.signal },
    );
    await assert.rejects(search, /^Error: enough$/);
    const { counts } = await loadStudy(storage, "study");
    assert.deepEqual([counts.complete, counts.fail, counts.running], [3, 2, 0]);
    await assert.rejects(
      optimize(({ x }) => x, { space: line, trials: 1, signal: controller.signal }),
      /^Error: enough$/,
    );
  });

  it("gives the event loop turns while an objective has none", async () => {
    const controller = new AbortController();
    const search = optimize(
      ({ x }) => {
        const until = performance.now() + 5;
        while (performance.now() < until);
        return x;
      },
      { space: line, trials: 100_000, sampler: randomSampler(), signal: controller.signal },
    );
    await setTimeout(100);
    controller.abort(new Error("enough"));
    await assert.rejects(search, /^Error: enough$/);
  });

  it("keeps what a trial reports and notes, and refuses what comes late", async () => {
    let late: (() => Promise<void>) | undefined;
    const study = await optimize(
      async ({ x }, trial) => {
        await trial.report(3, 0);
        await trial.report(2, 5);
        await trial.report(9, 5);
        await trial.setUserAttribute("fold", { scores: [1, null, "a"] });
        await assert.rejects(trial.report(1, -1), /step must be a whole number/);
        late = async () => trial.report(1, 7);
        return x;
      },
      { space: line, trials: 1 },
    );
    const [trial] = study.trials;
    assert.deepEqual(
      [...(trial?.intermediateValues ?? [])],
      [
        [0, 3],
        [5, 2],
      ],
    );
    assert.deepEqual(trial?.userAttributes.get("fold"), { scores: [1, null, "a"] });
    await assert.rejects(late?.() ?? Promise.resolve(), /trial 0 has ended already/);
  });

  it("goes on where an objective doesn't wait for its reports", async () => {
    const study = await optimize(
      async ({ x }, trial) => {
        void trial.report(x, 0);
        return x;
      },
      {
        space: line,
        trials: 12,
        pruner: medianPruner({ nStartupTrials: 1 }),
        sampler: randomSampler({ seed: 1 }),
      },
    );
    assert.equal(study.counts.complete, 12);
    assert.ok(study.trials.every(({ intermediateValues, value }) => intermediateValues.get(0) === value));
  });

  it("goes on with a stored study, if it is the same", async () => {
    const storage = memoryStorage();
    const first = await optimize(({ x }) => x * x, { space: line, trials: 8, storage });
    const second = await optimize(({ x }) => x * x, { space: line, trials: 12, storage });
    assert.equal(second.trials.length, 12);
    assert.deepEqual(
      second.trials.slice(0, 8).map(({ value }) => value),
      first.trials.map(({ value }) => value),
    );
    const none = await optimize(() => assert.fail("there are enough trials"), {
      space: line,
      trials: 12,
      storage,
    });
    assert.equal(none.trials.length, 12);
    await assert.rejects(
      optimize(({ x }) => x, { space: line, trials: 13, storage, direction: "maximize" }),
      (error) =>
        error instanceof StudyMismatchError && /stored with minimize, not with maximize/.test(error.message),
    );
    const other = space({ x: categorical(["a", "b"]) });
    await assert.rejects(
      optimize(() => 1, { space: other, trials: 13, storage }),
      /"x" was another kind of parameter/,
    );
    const narrower = await optimize(({ x }) => x * x, {
      space: space({ x: float(-1, 1) }),
      trials: 20,
      storage,
    });
    assert.ok(narrower.completed.every(({ settings }) => Math.abs(settings.x) <= 1));
  });

  it("refuses options that don't go together", async () => {
    const refused = async (options: object, message: RegExp): Promise<void> =>
      assert.rejects(
        optimize(() => 1, { space: line, ...options }),
        (error) => error instanceof InvalidInputError && message.test(error.message),
      );
    await refused({}, /needs a number of trials, or a timeout/);
    await refused({ trials: 0 }, /trials must be a whole number from 1 up/);
    await refused({ trials: 1, parallel: 1.5 }, /parallel must be/);
    await refused({ timeout: -1 }, /timeout must be/);
    assert.throws(() => tpeSampler({ seed: -1 }), /seed must be/);
    assert.throws(() => tpeSampler({ nEiCandidates: 0 }), /nEiCandidates must be/);
  });
});

describe("optimize in threads", () => {
  const mishaps = (names: [string, ...string[]]) => space({ x: float(-2, 2), mishap: categorical(names) });

  it("runs trials of a module side by side, prunes, and keeps threads", async () => {
    const study = await optimize(parabola, {
      space: line,
      trials: 20,
      parallel: 2,
      sampler: randomSampler({ seed: 1 }),
      pruner: medianPruner({ nStartupTrials: 3 }),
    });
    assert.equal(study.trials.length, 20);
    assert.ok(study.counts.complete >= 3 && study.counts.pruned >= 3, JSON.stringify(study.counts));
    for (const { value, settings } of study.completed) assert.equal(value, settings.x ** 2);
    const counts = study.trials.map(({ userAttributes }) => Number(userAttributes.get("trialsOfThread")));
    assert.ok(Math.max(...counts) >= 5, counts.join());
  });

  it("loses one trial when a thread ends, and goes on in another", async () => {
    const study = await optimize(parabola, {
      space: mishaps(["none", "exit", "later"]),
      trials: 5,
      parallel: 2,
      sampler: randomSampler({ seed: 5 }),
    });
    const states = study.trials.map(({ settings, state }) => [settings?.mishap, state]);
    for (const [mishap, state] of states) assert.equal(state, mishap === "none" ? "complete" : "fail");
    const reasons = study.trials.map(({ systemAttributes }) => systemAttributes.get("fail_reason"));
    assert.ok(reasons.includes("the objective's thread ended with code 3"), JSON.stringify(reasons));
    assert.ok(
      reasons.includes("the objective's thread failed: nobody waits for this"),
      JSON.stringify(reasons),
    );
    assert.ok(study.counts.complete >= 1);
  });

  it("ends with the objective's error, by name", async () => {
    const search = optimize(parabola, { space: mishaps(["throw"]), trials: 3, parallel: 2 });
    await assert.rejects(search, (error) => error instanceof Error && error.name === "RangeError");
    await assert.rejects(
      optimize(parabola, { space: mishaps(["text"]), trials: 1 }),
      /the objective gave low, which is no number/,
    );
  });

  it("stops a thread that never ends", async () => {
    const controller = new AbortController();
    const search = optimize(parabola, { space: mishaps(["hang"]), trials: 3, signal: controller.signal });
    await setTimeout(500);
    controller.abort(new Error("enough"));
    await assert.rejects(search, /^Error: enough$/);
  });

  it("says why a module is no objective", async () => {
    const search = async (file: string) =>
      optimize(new URL(`./objectives/${file}`, import.meta.url), {
        space: line,
        trials: 3,
        catch: () => true,
      });
    await assert.rejects(
      search("no-default.mjs"),
      (error) => error instanceof ObjectiveModuleError && /no default export/.test(error.message),
    );
    await assert.rejects(search("missing.mjs"), /can't be used as an objective: Cannot find module/);
  });
});
