/** @file The hook by which fits are observed: nothing is done where nobody observes, and no observer can break a fit. */
import assert from "node:assert/strict";
import {
  observed,
  observedEstimator,
  observeFits,
  stepReporter,
  type Activity,
  type FitObserver,
  type Observation,
  type Outcome,
} from "../../../ml/fit-observer.ts";

const activity = (name: string): Activity => ({ type: "fit", name, parameters: {} });
const idle: Observation = {
  within: async (run) => await run(),
  report: () => {},
  ended: () => {},
};

describe("the observers of fits", () => {
  let ends: (() => void)[] = [];
  const observe = (observer: FitObserver): void => void ends.push(observeFits(observer));
  let warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  beforeEach(() => {
    ends = [];
    warnings = [];
    process.on("warning", onWarning);
  });
  afterEach(() => {
    for (const end of ends) end();
    process.off("warning", onWarning);
  });

  it("describes nothing and reports nothing where nobody observes", async () => {
    const describe = (): Activity => assert.fail("nobody asks");
    assert.equal(await observed(describe, async () => stepReporter()), undefined);
    ends.push(observeFits({ begin: () => idle }));
    ends.pop()?.();
    assert.equal(await observed(describe, async () => 7), 7);
  });

  it("tells of the activity, its steps and its outcome", async () => {
    const seen: unknown[] = [];
    observe({
      begin: (found, parent) => {
        seen.push(found.name, parent);
        return {
          ...idle,
          report: (...step) => seen.push(step),
          ended: (outcome: Outcome) => void seen.push(outcome),
        };
      },
    });
    const result = await observed(
      () => activity("a"),
      async () => {
        await Promise.resolve();
        stepReporter()?.({ loss: 1 }, 3);
        return "model";
      },
    );
    assert.equal(result, "model");
    assert.deepEqual(seen, ["a", undefined, [{ loss: 1 }, 3], { result: "model" }]);
  });

  it("tells of errors, and lets them through as they are", async () => {
    const outcomes: Outcome[] = [];
    observe({ begin: () => ({ ...idle, ended: (outcome) => void outcomes.push(outcome) }) });
    const error = new RangeError("no");
    await assert.rejects(
      observed(
        () => activity("a"),
        () => Promise.reject(error),
      ),
      (thrown) => thrown === error,
    );
    assert.deepEqual(outcomes, [{ error }]);
  });

  it("tells each activity which one it is in, also side by side", async () => {
    const parents = new Map<string, string | undefined>();
    const names = new Map<Observation, string>();
    observe({
      begin: ({ name }, parent) => {
        const observation = { ...idle };
        names.set(observation, name);
        parents.set(name, parent && names.get(parent));
        return observation;
      },
    });
    const inner = async (name: string): Promise<void> =>
      await observed(
        () => activity(name),
        async () => await new Promise((resolve) => setImmediate(resolve)),
      );
    await observed(
      () => activity("outer"),
      async () => {
        await Promise.all([
          observed(
            () => activity("left"),
            async () => await inner("in left"),
          ),
          observed(
            () => activity("right"),
            async () => await inner("in right"),
          ),
        ]);
      },
    );
    await inner("alone");
    assert.deepEqual(Object.fromEntries(parents), {
      outer: undefined,
      left: "outer",
      right: "outer",
      "in left": "left",
      "in right": "right",
      alone: undefined,
    });
  });

  it("runs the activity once, whatever the observers do", async () => {
    let runs = 0;
    const broken = (part: Partial<Observation>): void => observe({ begin: () => ({ ...idle, ...part }) });
    observe({
      begin: () => {
        throw new Error("begin");
      },
    });
    observe({ begin: () => undefined });
    broken({ within: () => Promise.reject(new Error("within, before")) });
    broken({
      within: async (run) => {
        await run();
        throw new Error("within, after");
      },
    });
    broken({
      within: async (run) => {
        await run();
        return await run();
      },
    });
    // An observer that forgets to run, and one that gives something else.
    // SAFETY: observers of other releases may do anything.
    broken({ within: (async () => "else") as unknown as Observation["within"] });
    broken({
      report: () => {
        throw new Error("report");
      },
    });
    broken({ ended: () => Promise.reject(new Error("ended")) });
    const result = await observed(
      () => activity("a"),
      async () => {
        stepReporter()?.({ loss: 1 }, 1);
        return ++runs;
      },
    );
    assert.equal(result, 1);
    assert.equal(runs, 1);
    await new Promise((resolve) => setImmediate(resolve));
    const texts = warnings.map(({ message }) => message).join("\n");
    for (const reason of ["begin", "within, before", "report", "ended"])
      assert.ok(texts.includes(`: ${reason}`), texts);
  });

  it("runs on where an activity can't be described", async () => {
    observe({ begin: () => idle });
    const describe = (): Activity => {
      throw new Error("no description");
    };
    assert.equal(await observed(describe, async () => 1), 1);
  });

  it("waits for the end of an observation, and still hands out the result", async () => {
    let ended = false;
    observe({
      begin: () => ({
        ...idle,
        ended: async () => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          ended = true;
        },
      }),
    });
    await observed(
      () => activity("a"),
      async () => 1,
    );
    assert.ok(ended);
  });

  it("observes an estimator's fit with its data, and changes nothing else", async () => {
    const seen: Activity[] = [];
    observe({ begin: (found) => (seen.push(found), idle) });
    const estimator = observedEstimator({
      kind: "mean",
      settings: { alpha: 1 },
      fit: async (
        rows: readonly number[],
        target: readonly number[],
        options: { readonly validation?: object } = {},
      ) => [rows.length, target.length, options],
    });
    const options = { validation: { rows: "held out" } };
    assert.deepEqual(await estimator.fit([1, 2], [3], options), [2, 1, options]);
    await estimator.fit([1], [2]);
    assert.deepEqual(seen, [
      {
        type: "fit",
        name: "mean",
        parameters: { alpha: 1 },
        data: { training: [1, 2], target: [3], validation: "held out" },
      },
      { type: "fit", name: "mean", parameters: { alpha: 1 }, data: { training: [1], target: [2] } },
    ]);
  });
});
