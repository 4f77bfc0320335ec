/** @file Clients and servers that are killed while they log: nothing acknowledged is lost, and nothing is there twice. */
import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { disconnect } from "../../../ml/track/connection.ts";
import { getRun, replayJournals } from "../../../ml/track/index.ts";
import { LinearCongruential } from "../../support/linear-congruential.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { stepsOf, upTo } from "./points-of.ts";

type Child = ChildProcessByStdio<Writable, Readable, null>;

function start(args: readonly string[]): Child {
  return spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "inherit"],
    // What the tests make fail is told on stderr.
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
}

/** What a logging process says. */
export class LoggingProcess {
  readonly child: Child;
  readonly lines: string[] = [];
  readonly #first: Promise<unknown>;

  constructor(trackingUri: string, pace = 1) {
    this.child = start([join(import.meta.dirname, "track-child.mjs"), trackingUri, String(pace)]);
    const lines = createInterface({ input: this.child.stdout });
    lines.on("line", (line) => this.lines.push(line));
    this.#first = Promise.race([once(lines, "line"), once(lines, "close")]);
  }

  async runId(): Promise<string> {
    await this.#first;
    const [first] = this.lines;
    if (first === undefined) throw new Error("it ended before it started a run");
    return first;
  }

  /** How many points were acknowledged. */
  get acknowledged(): number {
    const last = this.lines.findLast((line) => line.startsWith("acknowledged "));
    return Number(last?.split(" ")[1] ?? 0);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, "close");
    this.child.kill("SIGKILL");
    await closed;
  }

  /** Has it end by itself; gives how many points it has logged. */
  async end(): Promise<number> {
    const closed = once(this.child, "close");
    this.child.stdin.end();
    await closed;
    const count = /^ended (\d+)$/.exec(this.lines.at(-1) ?? "")?.[1];
    assert.ok(count !== undefined, this.lines.at(-1));
    return Number(count);
  }
}

/** A server that can be killed and comes back at the same URL. */
export class KilledServer {
  readonly #folder: string;
  #child: Child | undefined;
  url = "";

  constructor(folder: string) {
    this.#folder = folder;
  }

  async start(): Promise<void> {
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const program = join(repositoryRoot, "dist/cli/main.js");
    this.#child = start([program, "server", this.#folder, "--port", port]);
    const [first] = await once(this.#child.stdout, "data");
    this.url = String(first).split(" ")[0] ?? "";
  }

  async kill(): Promise<void> {
    if (!this.#child) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
    this.#child = undefined;
  }
}

/** Runs with a folder of its own for the store and the journals. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "tenon-kill-"));
  const before = process.env["XDG_STATE_HOME"];
  process.env["XDG_STATE_HOME"] = join(folder, "state");
  try {
    return await work(folder);
  } finally {
    if (before === undefined) delete process.env["XDG_STATE_HOME"];
    else process.env["XDG_STATE_HOME"] = before;
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Kills {
  readonly rounds: number;
  readonly acknowledged: number;
  /** Points that were there in the end. */
  readonly arrived: number;
  /** Calls that a later process took from journals. */
  readonly replayed: number;
}

/** Kills a logging process at a random moment, and looks at what a later one finds; as often as told. */
export async function killClients(where: "folder" | "server", rounds: number, seed: number): Promise<Kills> {
  return withFolder(async (folder) => {
    const server = new KilledServer(join(folder, "store"));
    if (where === "server") await server.start();
    const trackingUri = where === "server" ? server.url : join(folder, "store");
    const random = new LinearCongruential(seed);
    const total = { rounds, acknowledged: 0, arrived: 0, replayed: 0 };
    try {
      for (const _ of upTo(rounds)) {
        const client = new LoggingProcess(trackingUri);
        const runId = await client.runId();
        await setTimeout(random.uniform() * 1500);
        // Sometimes with a server that has gone before.
        const isAway = where === "server" && random.uniform() < 0.3;
        if (isAway) {
          await server.kill();
          await setTimeout(random.uniform() * 1000);
        }
        await client.kill();
        if (isAway) await server.start();
        const { calls } = await replayJournals(trackingUri);
        const steps = await stepsOf(runId, "loss", trackingUri);
        assert.equal(new Set(steps).size, steps.length, "points are there twice");
        // Batches arrive in order: what is there is all up to some point.
        assert.deepEqual(steps, upTo(steps.length));
        assert.ok(
          steps.length >= client.acknowledged,
          `${client.acknowledged} acknowledged, ${steps.length} there`,
        );
        assert.equal((await getRun(runId, { trackingUri })).info.status, "KILLED");
        total.acknowledged += client.acknowledged;
        total.arrived += steps.length;
        total.replayed += calls;
      }
      assert.equal((await replayJournals(trackingUri)).calls, 0);
    } finally {
      await disconnect(trackingUri);
      await server.kill();
    }
    return total;
  });
}

/** Kills the server of a logging process at random moments, as often as told. */
export async function killServers(rounds: number, seed: number): Promise<Kills> {
  return withFolder(async (folder) => {
    const server = new KilledServer(join(folder, "store"));
    await server.start();
    const random = new LinearCongruential(seed);
    const client = new LoggingProcess(server.url, 5);
    try {
      const runId = await client.runId();
      for (const _ of upTo(rounds)) {
        await setTimeout(random.uniform() * 800);
        await server.kill();
        await setTimeout(random.uniform() * 400);
        await server.start();
      }
      const { acknowledged } = client;
      const logged = await client.end();
      // On a busy machine the end may be acknowledged before the store has all: the rest is in the journal.
      const { calls } = await replayJournals(server.url);
      const steps = await stepsOf(runId, "loss", server.url);
      assert.deepEqual(steps, upTo(logged));
      assert.equal((await getRun(runId, { trackingUri: server.url })).info.status, "FINISHED");
      return { rounds, acknowledged, arrived: steps.length, replayed: calls };
    } finally {
      await client.kill().catch(() => {});
      await disconnect(server.url);
      await server.kill();
    }
  });
}
