/**
 * @file `npm run bench -- serve --python PYTHON`: `tenon serve` beside FastAPI, BentoML and MLflow, one at a time, by the same
 * load of different requests. Answers are compared before a measurement, and failed ones counted in it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../../interop/served-model.ts";
import { processTree, treeMemory } from "../../support/process-memory.ts";
import type { BenchCase, CaseMeasurements, Measured } from "../bench-row.ts";
import { type Bodies, type Form, forms, writeBodies } from "./serve-bodies.ts";
import { loadGrpc, loadHttp, loadHttpAtRate, needWrk } from "./serve-load.ts";
import { makeModels, type ServedModel } from "./serve-models.ts";
import { type Server, serversOf } from "./serve-servers.ts";

export interface ServeOptions {
  /** One with the packages of `requirements.txt`. */
  readonly python: string;
  readonly rounds: number;
  readonly quick: boolean;
  readonly onProgress: (text: string) => void;
}

/** The measurements; throws where a server doesn't start or answers something else than the others. */
export async function benchServe(options: ServeOptions): Promise<readonly CaseMeasurements[]> {
  await needWrk();
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-serve-"));
  try {
    const bench = new ServeBench(folder, options);
    const servers = serversOf(await makeModels(folder, options.python), options.python);
    for (let round = 0; round < options.rounds; round++)
      for (const model of options.quick ? (["trees"] as const) : (["trees", "mlp"] as const))
        for (const processes of model === "mlp" ? [1] : [1, 2])
          for (const server of servers)
            if (server.models.includes(model) && server.processes.includes(processes))
              await bench.measure(server, model, processes);
    return bench.measurements;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The share of the greatest throughput at which times tell of the server, and not of how many connections there are. */
const calmShare = 0.7;
/** Requests a second that the load at a fixed rate comes to in time. */
const mostRate = 10_000;

class ServeBench {
  readonly #folder: string;
  readonly #options: ServeOptions;
  readonly #found = new Map<string, { readonly of: BenchCase; readonly byPeer: Map<string, Measured[]> }>();
  /** What a model answers to the first request of a form, for the comparison. */
  readonly #answers = new Map<string, readonly number[]>();

  constructor(folder: string, options: ServeOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  get measurements(): readonly CaseMeasurements[] {
    return [...this.#found.values()].map(({ of, byPeer }) => ({ case: of, byPeer }));
  }

  /** Starts a server, measures all that it can, and ends it. */
  async measure(server: Server, model: ServedModel, processes: number): Promise<void> {
    const { quick, onProgress } = this.#options;
    const place = `${model}, ${processes} process${processes === 1 ? "" : "es"}`;
    const note = (what: string, unit: BenchCase["unit"], value: Measured): void =>
      this.#note(server.name, `${place}, ${what}`, unit, value);
    const bodies = new Map(
      forms.map((form, at) => [
        form,
        writeBodies(join(this.#folder, `bodies-${at}`), form, server.dialect, model),
      ]),
    );
    const running = await startServer(server, model, processes, bodies.get("1 row JSON"));
    try {
      note("start to first answer", "ms", running.startTime);
      for (const form of forms) {
        const body = bodies.get(form);
        if (!server.forms.includes(form) || body === undefined) continue;
        await this.#check(server, model, form, body, running.port);
        const load = async (seconds: number): Promise<Awaited<ReturnType<typeof loadHttp>>> =>
          form.endsWith("gRPC")
            ? loadGrpc(running.port, body, seconds)
            : loadHttp(running.url, server.path(model), body, seconds);
        await load(quick ? 1 : 2);
        const before = cpuSeconds(running.pid);
        const { requests, seconds, failed, p50, p99, p999 } = await load(quick ? 2 : 5);
        const used = cpuSeconds(running.pid) - before;
        if (failed > 0) note(`${form}, predictions`, "1/s", { failed: `${failed} requests of ${requests}` });
        else note(`${form}, predictions`, "1/s", (requests / seconds) * body.rows);
        note(`${form}, p50`, "ms", p50);
        note(`${form}, p99`, "ms", p99);
        note(`${form}, p999`, "ms", p999);
        note(`${form}, the server's CPU a request`, "µs", (used / requests) * 1e6);
        if (form === "100 rows binary") {
          // Enough to keep two processes busy, and so few that an answer's time is not that of a queue.
          const few = await loadHttp(running.url, server.path(model), body, quick ? 2 : 5, 16);
          const at = `${form}, 16 connections`;
          note(`${at}, predictions`, "1/s", (few.requests / few.seconds) * body.rows);
          note(`${at}, p99`, "ms", few.failed > 0 ? { failed: `${few.failed} requests` } : few.p99);
        }
        if (failed === 0 && !form.endsWith("gRPC")) {
          // With all connections busy at all times, an answer takes as long as there are connections by throughput, whatever is served.
          const rate = Math.min(mostRate, calmShare * (requests / seconds));
          const calm = await loadHttpAtRate(running.port, server.path(model), body, rate, quick ? 2 : 5);
          const at = `${form} at ${calmShare * 100} % of that`;
          note(`${at}, p50`, "ms", calm.failed > 0 ? { failed: `${calm.failed} requests` } : calm.p50);
          note(`${at}, p99`, "ms", calm.p99);
          note(`${at}, how late the load itself is, p99`, "ms", calm.late99);
        }
        onProgress(`${server.name}, ${place}, ${form}: ${Math.round(requests / seconds)} requests/s`);
      }
      note("memory", "MiB", treeMemory(running.pid).pss);
    } finally {
      await running.stop();
    }
  }

  #note(peer: string, name: string, unit: BenchCase["unit"], value: Measured): void {
    const of: BenchCase = { name, unit, better: unit === "1/s" ? "more" : "less" };
    const found = this.#found.get(name) ?? { of, byPeer: new Map<string, Measured[]>() };
    this.#found.set(name, found);
    found.byPeer.set(peer, [...(found.byPeer.get(peer) ?? []), value]);
  }

  /** Compares a server's answer with what the first server gave. gRPC's answers are looked at by the load itself. */
  async #check(server: Server, model: ServedModel, form: Form, body: Bodies, port: number): Promise<void> {
    if (form.endsWith("gRPC")) return;
    const answer = await ask(`http://127.0.0.1:${port}${server.path(model)}`, body);
    const key = `${model} ${body.rows} ${form.endsWith("binary")}`;
    const expected = this.#answers.get(key) ?? answer;
    this.#answers.set(key, expected);
    const differs = answer.some((value, at) => !(Math.abs(value - (expected[at] ?? Number.NaN)) < 1e-4));
    if (answer.length !== body.rows || differs)
      throw new Error(
        `${server.name} answers ${answer.slice(0, 3).join(", ")}, others ${expected.slice(0, 3).join(", ")}`,
      );
  }
}

/** The predictions of an answer, whatever the protocol. */
async function ask(url: string, { first, contentType, headerLength }: Bodies): Promise<readonly number[]> {
  const headers: Record<string, string> = { "content-type": contentType };
  if (headerLength !== undefined) headers["inference-header-content-length"] = String(headerLength);
  const response = await fetch(url, { method: "POST", headers, body: Buffer.from(first) });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${response.status}: ${bytes.toString().slice(0, 500)}`);
  const head = response.headers.get("inference-header-content-length");
  if (head !== null) {
    const raw = new Uint8Array(bytes.subarray(Number(head)));
    return [...new Float32Array(raw.buffer)];
  }
  return numbersIn(JSON.parse(bytes.toString()));
}

/** The numbers of an answer in JSON: of its outputs, its predictions, or of it itself. */
function numbersIn(answer: unknown): readonly number[] {
  const { outputs, predictions } = Object(answer);
  const found: unknown = outputs?.[0]?.data ?? predictions?.y ?? predictions ?? answer;
  if (!Array.isArray(found)) throw new Error(`no predictions in ${JSON.stringify(answer).slice(0, 300)}`);
  return found
    .flat(Infinity)
    .map((each: unknown) => (typeof each === "object" ? Number(Object(each).y) : Number(each)));
}

interface Running {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the start to the first prediction. */
  readonly startTime: number;
  stop(): Promise<void>;
}

async function startServer(
  server: Server,
  model: ServedModel,
  processes: number,
  body: Bodies | undefined,
): Promise<Running> {
  if (body === undefined) throw new Error("there is no first request");
  const port = await freePort();
  const { command, env } = server.start(model, processes, String(port));
  const [program, ...args] = command;
  const begin = performance.now();
  // A group of its own: workers end with it.
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} does not start`);
  let words = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-2000)));
  const closed = once(child, "close");
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, "SIGTERM");
    const late = globalThis.setTimeout(() => process.kill(-pid, "SIGKILL"), 10_000);
    await closed;
    clearTimeout(late);
  };
  const url = `http://127.0.0.1:${port}`;
  let reason = "";
  for (const until = begin + 90_000; ; await setTimeout(5)) {
    const answer = await ask(url + server.path(model), body).catch((error: unknown) => {
      reason = String(error);
    });
    if (answer) return { url, port, pid, startTime: performance.now() - begin, stop };
    if (child.exitCode !== null || performance.now() > until) {
      await stop();
      throw new Error(`${server.name} gives no answer: ${reason} ${words}`);
    }
  }
}

/** The CPU time of a process and its descendants so far. */
function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const each of processTree(pid)) {
    const stat = readFileSync(`/proc/${each}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}
