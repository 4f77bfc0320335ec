/** @file `npm run bench -- logging --python PYTHON`: what logging adds to a fit, and what a metric costs beside MLflow's client. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import * as v from "valibot";
import { argmax, crossEntropy, rand } from "../../../ml/graph/index.ts";
import { adam, dataset, fit, linear, relu, sequential } from "../../../ml/nn/index.ts";
import { disconnect } from "../../../ml/track/connection.ts";
import { run, type Run } from "../../../ml/track/index.ts";
import { startMlflowServer } from "../../interop/mlflow.ts";
import { runCommand } from "../../support/run-command.ts";
import type { BenchCase, CaseMeasurements, Measured } from "../bench-row.ts";
import type { TrackOptions } from "./track-bench.ts";

const costSchema = v.object({ call: v.number(), arrived: v.number() });
const theirSchema = v.object({ synchronous: costSchema, asynchronous: costSchema });
/** Milliseconds for each metric. */
type Cost = v.InferOutput<typeof costSchema>;

const cases = {
  folder: { name: "processor time of 3 metrics in that of a step, to a folder", unit: "%", better: "less" },
  server: { name: "the same, to MLflow's server", unit: "%", better: "less" },
  folderAdds: { name: "processor time that they add to a fit, to a folder", unit: "%", better: "less" },
  serverAdds: { name: "the same, to MLflow's server", unit: "%", better: "less" },
  folderSlows: { name: "time that they add to a fit, to a folder", unit: "%", better: "less" },
  serverSlows: { name: "the same, to MLflow's server", unit: "%", better: "less" },
  call: { name: "calls of logMetric a second", unit: "1/s", better: "more" },
  arrived: { name: "metrics a second, until the store has them", unit: "1/s", better: "more" },
} as const satisfies Readonly<Record<string, BenchCase>>;

/** The measurements. A peer is a client and the store that it logs to. */
export async function benchLogging(options: TrackOptions): Promise<readonly CaseMeasurements[]> {
  const { python, rounds, quick, onProgress } = options;
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-logging-"));
  process.env["XDG_STATE_HOME"] = join(folder, "state");
  const measured: Record<keyof typeof cases, Map<string, Measured[]>> = {
    folder: new Map(),
    server: new Map(),
    folderAdds: new Map(),
    serverAdds: new Map(),
    folderSlows: new Map(),
    serverSlows: new Map(),
    call: new Map(),
    arrived: new Map(),
  };
  const note = (name: keyof typeof cases, peer: string, value: number): void => {
    measured[name].set(peer, [...(measured[name].get(peer) ?? []), value]);
  };
  const noteCost = (peer: string, { call, arrived }: Cost): void => {
    note("call", peer, 1000 / call);
    note("arrived", peer, 1000 / arrived);
  };
  const server = await startMlflowServer(python, {}, folder);
  const store = join(folder, "store");
  try {
    const steps = quick ? 300 : 1500;
    const network = trainedNetwork(steps);
    // The first also pays for the compiler and the store's thread.
    await network();
    await run({ trackingUri: store }, (one) => network(one));
    for (let round = 0; round < rounds; round++) {
      for (const [where, peer, trackingUri] of [
        ["folder", "Tenon", store],
        ["server", "Tenon on MLflow's server", server.url],
      ] as const) {
        const without = await timed(() => network());
        const logged = await run({ trackingUri }, (one) => timed(() => network(one)));
        note(`${where}Slows`, "Tenon", 100 * (logged.wall / without.wall - 1));
        note(`${where}Adds`, "Tenon", 100 * (logged.processor / without.processor - 1));
        const count = quick ? 2000 : 20_000;
        await run({ trackingUri }, async (one) => {
          let cost: Cost | undefined;
          const { processor } = await timed(async () => (cost = await costOf(one, count)));
          if (cost) noteCost(peer, cost);
          note(where, "Tenon", (100 * 3 * (processor / count)) / (without.processor / steps));
        });
      }
      const args = [join(import.meta.dirname, "logging_by_mlflow.py"), server.url, quick ? "50" : "300"];
      const { stdout } = await runCommand(python, args, { timeout: 170_000 });
      const theirs = v.parse(theirSchema, JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
      noteCost("mlflow", theirs.synchronous);
      noteCost("mlflow, synchronous=False", theirs.asynchronous);
      onProgress(`round ${round + 1} of ${rounds}`);
    }
  } finally {
    for (const uri of [store, server.url]) await disconnect(uri);
    await server.stop();
    delete process.env["XDG_STATE_HOME"];
    rmSync(folder, { recursive: true, force: true });
  }
  // SAFETY: these are its own keys.
  const names = Object.keys(cases) as readonly (keyof typeof cases)[];
  return names.map((name) => ({ case: cases[name], byPeer: measured[name] }));
}

/** A fit of a small network, a step an epoch; each step logs where a run is given. */
function trainedNetwork(steps: number): (run?: Run) => Promise<void> {
  const network = sequential(linear(64, 256), relu(), linear(256, 256), relu(), linear(256, 4));
  const x = rand([512, 64], { seed: 1 });
  const kind = argmax(x.slice(null, [0, 4]), -1);
  const data = dataset({ x, kind });
  return async (run) => {
    await fit({
      parameters: network.init(1),
      loss: (parameters, batch) => crossEntropy(network.apply(parameters, batch.x), batch.kind),
      data,
      batchSize: 512,
      optimizer: adam(),
      learningRate: 0.001,
      epochs: steps,
      seed: 1,
      ...(run && {
        onEpoch: ({ epoch, loss }) => {
          run.logMetric("loss", loss, { step: epoch });
          run.logMetric("perplexity", Math.exp(loss), { step: epoch });
          run.logMetric("epoch", epoch, { step: epoch });
        },
      }),
    });
  };
}

/** Milliseconds of time and of all threads' processor time. */
async function timed(
  work: () => Promise<unknown>,
): Promise<{ readonly wall: number; readonly processor: number }> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { wall, processor: (user + system) / 1000 };
}

/** The cost of a metric: a hundred calls, then a turn for the event loop, as a loop that trains gives. */
async function costOf(run: Run, count: number): Promise<Cost> {
  let inCalls = 0;
  const start = performance.now();
  for (let step = 0; step < count;) {
    const before = performance.now();
    for (let at = 0; at < 100; at++) run.logMetric("loss", 1 / (step + 1), { step: step++ });
    inCalls += performance.now() - before;
    await setImmediate();
  }
  await run.flush();
  return { call: inCalls / count, arrived: (performance.now() - start) / count };
}
