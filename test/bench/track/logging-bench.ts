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
  wall: { name: "time that 3 metrics a step add to a fit", unit: "%", better: "less" },
  processor: { name: "processor time that they add", unit: "%", better: "less" },
  call: { name: "a call of logMetric", unit: "ms", better: "less" },
  arrived: { name: "a metric, until the store has it", unit: "ms", better: "less" },
} as const satisfies Readonly<Record<string, BenchCase>>;

/** The measurements. A peer is a client and the store that it logs to. */
export async function benchLogging(options: TrackOptions): Promise<readonly CaseMeasurements[]> {
  const { python, rounds, quick, onProgress } = options;
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-logging-"));
  process.env["XDG_STATE_HOME"] = join(folder, "state");
  const measured: Record<keyof typeof cases, Map<string, Measured[]>> = {
    wall: new Map(),
    processor: new Map(),
    call: new Map(),
    arrived: new Map(),
  };
  const note = (name: keyof typeof cases, peer: string, value: number): void => {
    measured[name].set(peer, [...(measured[name].get(peer) ?? []), value]);
  };
  const noteCost = (peer: string, { call, arrived }: Cost): void => {
    note("call", peer, call);
    note("arrived", peer, arrived);
  };
  const server = await startMlflowServer(python, {}, folder);
  const store = join(folder, "store");
  try {
    const network = await trainedNetwork(quick ? 300 : 1500);
    // The first also pays for the compiler and the store's thread.
    await network();
    await run({ trackingUri: store }, (one) => network(one));
    for (let round = 0; round < rounds; round++) {
      for (const [peer, trackingUri] of [
        ["Tenon", store],
        ["Tenon on MLflow's server", server.url],
      ] as const) {
        const without = await timed(() => network());
        const logged = await timed(() => run({ trackingUri }, (one) => network(one)));
        note("wall", peer, 100 * (logged.wall / without.wall - 1));
        note("processor", peer, 100 * (logged.processor / without.processor - 1));
        noteCost(peer, await run({ trackingUri }, (one) => costOf(one, quick ? 2000 : 20_000)));
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
  return (["wall", "processor", "call", "arrived"] as const).map((name) => ({
    case: cases[name],
    byPeer: measured[name],
  }));
}

/** A fit of a small network, a step an epoch; each step logs where a run is given. */
async function trainedNetwork(steps: number): Promise<(run?: Run) => Promise<void>> {
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
