/**
 * @file `npm run bench -- tune [--python PYTHON]`: the best values that a search finds over 20 seeds beside Optuna's, which
 * test/reference/tuning.py stored; with a Python that has optuna and cmaes also what a trial takes, in turns.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { cmaEsSampler, optimize, type Sampler, space, tpeSampler } from "../../ml/tune/index.ts";
import { readReference } from "../ml/reference.ts";
import { testFunctions, typicalValue } from "../ml/tune/test-functions.ts";
import { median } from "./statistics.ts";

/** A comparison with Optuna. */
export interface TuneRow {
  readonly bench: "tune";
  readonly case: string;
  readonly peer: string;
  readonly ours: number;
  readonly theirs: number;
  readonly unit: "best value" | "processor ms per trial";
  /** Of values none; of times how many times as fast ours is. */
  readonly ratio: number | null;
  readonly note: string;
}

const samplers: Readonly<Record<"tpe" | "cmaEs", (options: { readonly seed: number }) => Sampler>> = {
  tpe: tpeSampler,
  cmaEs: cmaEsSampler,
};
const kinds = ["tpe", "cmaEs"] as const;
const best = v.object({ random: v.array(v.number()), tpe: v.array(v.number()), cmaEs: v.array(v.number()) });
const referenceSchema = v.object({
  generator: v.string(),
  functions: v.record(v.string(), v.object({ trials: v.number(), best })),
});
const timeSchema = v.object({ version: v.string(), milliseconds: v.number() });
/** How many trials are timed: a trial takes longer the more there were. */
const timedTrials = 300;

/** Medians over `seeds` seeds of each function and sampler; times only with a Python, medians over the rounds. */
export async function measureTuning(
  python: string | undefined,
  rounds: number,
  seeds: number,
): Promise<readonly TuneRow[]> {
  const { generator, functions } = readReference("tuning", referenceSchema);
  const rows: TuneRow[] = [];
  for (const [name, { trials, best }] of Object.entries(functions))
    for (const kind of kinds) {
      const found: number[] = [];
      for (let seed = 0; seed < seeds; seed++) found.push(await search(name, kind, trials, seed));
      const [ours, theirs] = [median(found), median(best[kind])];
      const minimum = testFunctions[name]?.minimum ?? 0;
      const share = (range: number): string => `${((100 * (ours - theirs)) / range).toFixed(2)} %`;
      rows.push({
        bench: "tune",
        case: `${kind}, ${name}, ${trials} trials, ${seeds} seeds`,
        peer: generator,
        ours,
        theirs,
        unit: "best value",
        ratio: null,
        note: `higher by ${share(typicalValue(name) - minimum)} of what a point at random lies above the minimum, ${share(
          median(best.random) - minimum,
        )} of what the best of ${trials} does`,
      });
    }
  if (python !== undefined) for (const kind of kinds) rows.push(await compareTimes(python, kind, rounds));
  return rows;
}

async function compareTimes(python: string, kind: (typeof kinds)[number], rounds: number): Promise<TuneRow> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  let version = "";
  const script = fileURLToPath(new URL("./tune-by-optuna.py", import.meta.url));
  // The first search also pays for the compiler.
  await search("hartmann6", kind, timedTrials, 0);
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    await search("hartmann6", kind, timedTrials, round);
    const { user, system } = process.cpuUsage(before);
    ours.push((user + system) / 1000 / timedTrials);
    const output = execFileSync(python, [script, kind, String(timedTrials), String(round)], {
      encoding: "utf8",
    });
    const peer = v.parse(timeSchema, JSON.parse(output));
    theirs.push(peer.milliseconds);
    version = peer.version;
  }
  const spread = (values: readonly number[]): string =>
    `${Math.min(...values).toFixed(2)}-${Math.max(...values).toFixed(2)}`;
  return {
    bench: "tune",
    case: `${kind}, hartmann6, the first ${timedTrials} trials`,
    peer: `optuna ${version}`,
    ours: median(ours),
    theirs: median(theirs),
    unit: "processor ms per trial",
    ratio: median(theirs) / median(ours),
    note: `ours ${spread(ours)}, theirs ${spread(theirs)}`,
  };
}

async function search(
  name: string,
  kind: (typeof kinds)[number],
  trials: number,
  seed: number,
): Promise<number> {
  const { objective, parameters } = testFunctions[name] ?? {};
  if (!objective || !parameters) throw new Error(`there is no function "${name}"`);
  const study = await optimize(objective, {
    space: space(parameters),
    trials,
    sampler: samplers[kind]({ seed }),
  });
  return study.best.value;
}
