/** @file `npm run bench -- track --python PYTHON`: `tenon server` and `mlflow server` on SQLite, in turns, by one client. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMlflowServer, startOurServer } from "../../interop/mlflow.ts";
import { treeMemory } from "../../support/process-memory.ts";
import { runCommand } from "../../support/run-command.ts";
import type { ServerProcess } from "../../support/server-process.ts";
import type { BenchCase, CaseMeasurements, Measured } from "../bench-row.ts";
import { median } from "../statistics.ts";

const ours = "Tenon";
const theirs = "MLflow";

export interface TrackOptions {
  /** One with mlflow. */
  readonly python: string;
  readonly rounds: number;
  readonly quick: boolean;
  readonly onProgress: (text: string) => void;
}

interface Sizes {
  /** Batches of 1,000 points that a client logs. */
  readonly batches: number;
  /** Calls of one point. The first thousand are mostly the compiling of the client, which is ours for both servers. */
  readonly singles: number;
  readonly runs: number;
  readonly history: number;
}

type Results = Readonly<Record<string, readonly [unit: BenchCase["unit"], value: number]>>;

/** The measurements; throws where a server refuses a call. */
export async function benchTrack(options: TrackOptions): Promise<readonly CaseMeasurements[]> {
  const sizes = options.quick
    ? { batches: 5, singles: 300, runs: 1000, history: 10_000 }
    : { batches: 20, singles: 3000, runs: 10_000, history: 1_000_000 };
  const measured = new Map<string, { readonly of: BenchCase; readonly byPeer: Map<string, Measured[]> }>();
  const note = (peer: string, results: Results): void => {
    for (const [name, [unit, value]] of Object.entries(results)) {
      const of: BenchCase = { name, unit, better: unit === "1/s" ? "more" : "less" };
      const found = measured.get(name) ?? { of, byPeer: new Map<string, Measured[]>() };
      measured.set(name, found);
      found.byPeer.set(peer, [...(found.byPeer.get(peer) ?? []), value]);
    }
  };
  for (let round = 0; round < options.rounds; round++)
    for (const peer of [ours, theirs]) {
      const folder = mkdtempSync(join(tmpdir(), "tenon-bench-track-"));
      try {
        note(peer, await measure(peer, folder, options.python, sizes));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      options.onProgress(`${peer}, round ${round + 1} of ${options.rounds}`);
    }
  return [...measured.values()].map(({ of, byPeer }) => ({ case: of, byPeer }));
}

async function measure(peer: string, folder: string, python: string, sizes: Sizes): Promise<Results> {
  const start = async (): Promise<ServerProcess> =>
    peer === ours ? startOurServer(join(folder, "store")) : startMlflowServer(python, {}, folder);
  mkdirSync(join(folder, "store"));
  // The first start makes the tables, which is done once for a store.
  await (await start()).stop();
  const server = await start();
  try {
    const client = new Client(server.url);
    const one = await client.logBatches(1, sizes.batches);
    const eight = await client.logBatches(8, Math.ceil(sizes.batches / 2));
    const single = await client.logSingles(sizes.singles);
    const run = await client.newRun();
    if (peer === theirs) {
      const script = join(import.meta.dirname, "seed_mlflow.py");
      const database = join(folder, "mlflow.db");
      await runCommand(python, [script, database, String(sizes.runs), run, String(sizes.history)], {
        timeout: 300_000,
      });
    } else await client.seed(sizes.runs, run, sizes.history);
    const search = await client.search();
    const history = await client.history(run);
    const runs = sizes.runs.toLocaleString("en-US");
    return {
      "start to the first answer": ["ms", server.startTime],
      "points logged in batches of 1,000, one client": ["1/s", one],
      "points logged in batches of 1,000, eight clients": ["1/s", eight],
      "points logged one by one, one client": ["1/s", single],
      [`search of ${runs} runs by metric and param, ordered by metric`]: ["ms", search],
      [`history of ${sizes.history.toLocaleString("en-US")} points`]: ["ms", history],
      "memory of the server afterwards": ["MiB", treeMemory(server.pid).pss],
    };
  } finally {
    await server.stop();
  }
}

/** Calls with bodies that are made before the time is taken. */
class Client {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Points a second. */
  async logBatches(clients: number, batches: number): Promise<number> {
    const bodies = await Promise.all(
      Array.from({ length: clients }, async () => {
        const run = await this.newRun();
        return Array.from({ length: batches }, (_, batch) => batchOf(run, batch * 1000, 1000));
      }),
    );
    const begin = performance.now();
    await Promise.all(bodies.map((own) => this.#postAll("runs/log-batch", own)));
    return (clients * batches * 1000) / ((performance.now() - begin) / 1000);
  }

  /** Points a second. */
  async logSingles(count: number): Promise<number> {
    const run_id = await this.newRun();
    const bodies = Array.from({ length: count }, (_, step) =>
      JSON.stringify({ run_id, key: "m", value: step / 3, timestamp: step, step }),
    );
    const begin = performance.now();
    await this.#postAll("runs/log-metric", bodies);
    return count / ((performance.now() - begin) / 1000);
  }

  /** The runs and the history that `seed_mlflow.py` makes. */
  async seed(runs: number, history: string, points: number): Promise<void> {
    for (let at = 0; at < points; at += 1000) await this.#post("runs/log-batch", batchOf(history, at, 1000));
    for (let number = 0; number < runs; number++) {
      const run_id = await this.newRun(number);
      const metrics = Array.from({ length: 5 }, (_, at) => ({
        key: `m${at}`,
        value: ((number * 7919 + at) % 1000) / 1000,
        timestamp: 1,
        step: 0,
      }));
      const params = Array.from({ length: 5 }, (_, at) => ({
        key: `p${at}`,
        value: String(number % (at + 2)),
      }));
      await this.#post("runs/log-batch", JSON.stringify({ run_id, metrics, params }));
    }
  }

  /** Milliseconds. */
  async search(): Promise<number> {
    const body = JSON.stringify({
      experiment_ids: ["0"],
      filter: "metrics.m1 > 0.5 AND params.p3 = '2'",
      order_by: ["metrics.m2 DESC"],
      max_results: 100,
    });
    return this.#timed(async () => this.#post("runs/search", body));
  }

  /** Milliseconds for all points of a run's metric. */
  async history(run: string): Promise<number> {
    const url = `${this.#url}/api/2.0/mlflow/metrics/get-history?run_id=${run}&metric_key=m`;
    return this.#timed(async () => {
      const response = await fetch(url);
      if (!response.ok) throw new Error(await response.text());
      await response.arrayBuffer();
    });
  }

  async #timed(work: () => Promise<unknown>): Promise<number> {
    const times: number[] = [];
    for (let repetition = 0; repetition < 3; repetition++) {
      const begin = performance.now();
      await work();
      times.push(performance.now() - begin);
    }
    // The first fills caches.
    return median(times.slice(1));
  }

  /** A new run's id. */
  async newRun(number = 0): Promise<string> {
    const body = JSON.stringify({
      experiment_id: "0",
      user_id: "u",
      start_time: number,
      run_name: `run-${number}`,
    });
    const found = /"run_id": *"([0-9a-f]+)"/.exec(await this.#post("runs/create", body));
    return found?.[1] ?? "";
  }

  async #postAll(path: string, bodies: readonly string[]): Promise<void> {
    for (const body of bodies) await this.#post(path, body);
  }

  async #post(path: string, body: string): Promise<string> {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${this.#url}/api/2.0/mlflow/${path}`, { method: "POST", headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return text;
  }
}

function batchOf(run_id: string, from: number, count: number): string {
  const metrics = Array.from({ length: count }, (_, at) => {
    const step = from + at;
    return { key: "m", value: Math.sin(step), timestamp: 1_700_000_000_000 + step, step };
  });
  return JSON.stringify({ run_id, metrics });
}
