/**
 * @file Several processes that answer one port. The supervisor takes connections and gives them to the workers in turn (of
 * workers that listen by themselves, the system may give one all connections); it answers no call itself, so it has little that
 * could fail. As many workers as were asked for are running or being started at any time until it closes.
 */
import cluster, { type Worker } from "node:cluster";
import { requireCount, requirePositive } from "../../settings.ts";
import { mergeMetrics } from "../observe/merge-metrics.ts";
import { type MetricSnapshot, Metrics } from "../observe/metrics.ts";
import { KeptReports } from "./kept-reports.ts";
import { parseWorkerMessage, type SharedNews, type SupervisorMessage } from "./protocol.ts";
import { closeUnanswered } from "./unanswered-connections.ts";

/** What is supervised. */
export interface SupervisorOptions {
  readonly workers: number;
  /** The program of a worker, which calls {@link WorkerLink.ready}. */
  readonly program: string;
  readonly programArguments: readonly string[];
  /** Node's own arguments; this process's where absent. */
  readonly nodeArguments?: readonly string[];
  /** Memory in bytes beyond which a worker is replaced. */
  readonly maxWorkerBytes?: number | undefined;
  /** How long a worker that answers may say nothing before it is ended, in milliseconds; 30,000 where absent. */
  readonly silenceTimeout?: number | undefined;
  /** How long a worker may take to end, in milliseconds; 40,000 where absent. */
  readonly drainTimeout?: number | undefined;
  /** Told what happens to workers, for a log. */
  readonly onEvent?: (event: string) => void;
}

interface Supervised {
  readonly worker: Worker;
  readonly started: number;
  /** Fulfilled with true when it answers, with false when it ended before. */
  readonly ready: Promise<boolean>;
  isReady: boolean;
  isLeaving: boolean;
  /** When it last said something. */
  heard: number;
}

const longestPause = 10_000;
/**
 * Milliseconds after which a worker that ends was none that can't start: its successor starts at once, however many were killed
 * before. While one is missing, the others' end would leave nobody.
 */
const settled = 5_000;
/** Milliseconds between two workers that are replaced for their memory. */
const heaviest = 15_000;
const reportTime = 1000;
const watchInterval = 500;

/** Starts workers, and starts others in the place of those that end. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #workers = new Map<number, Supervised>();
  readonly #readiness = new Map<number, (isReady: boolean) => void>();
  readonly #reports = new Map<number, Map<number, (metrics: readonly MetricSnapshot[]) => void>>();
  readonly #kept = new KeptReports();
  readonly #metrics = new Metrics();
  readonly #restarts = this.#metrics.counter("tenon_worker_restarts_total", "Workers that were replaced.");
  readonly #hangs = this.#metrics.counter(
    "tenon_worker_hangs_total",
    "Workers that were ended because they said nothing any more.",
  );
  #watch: NodeJS.Timeout | undefined;
  /** When it last looked who says nothing. */
  #watched = 0;
  #news: SharedNews | undefined;
  #weighed = -Infinity;
  #failures = 0;
  #isClosing = false;
  #asked = 0;

  /** @throws {InvalidInputError} for no workers, or a ceiling that isn't above 0 */
  constructor(options: SupervisorOptions) {
    requireCount("workers", options.workers);
    if (options.maxWorkerBytes !== undefined) requirePositive("maxWorkerBytes", options.maxWorkerBytes);
    if (options.silenceTimeout !== undefined) requirePositive("silenceTimeout", options.silenceTimeout);
    this.#options = options;
    this.#metrics.computed(
      { name: "tenon_workers", help: "Workers that run.", kind: "gauge", merge: "sum" },
      () => this.#workers.size,
    );
  }

  /** The processes of the workers that run. */
  get processes(): readonly number[] {
    return Array.from(this.#workers.values(), ({ worker }) => worker.process.pid ?? 0);
  }

  /**
   * Starts the workers. Fulfilled with the address when the first one answers.
   * @throws {Error} when a worker ends before it answers, since its successors would too
   */
  async start(): Promise<string> {
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({
      exec: this.#options.program,
      args: [...this.#options.programArguments],
      execArgv: [...(this.#options.nodeArguments ?? process.execArgv)],
    });
    this.#watched = performance.now();
    this.#watch = setInterval(() => this.#endSilent(), watchInterval);
    this.#watch.unref();
    const first = this.#startOne();
    if (!(await first.ready)) {
      this.#isClosing = true;
      throw new Error("the first worker ended before it answered");
    }
    while (this.#workers.size < this.#options.workers) this.#startOne();
    await Promise.all(Array.from(this.#workers.values(), ({ ready }) => ready));
    return this.url;
  }

  /** Where calls are answered. */
  url = "";

  /** Replaces all workers, one after the other, each when its successor answers. */
  async restart(): Promise<void> {
    // Their successors are not of those that are to be replaced.
    const before = Array.from(this.#workers.values());
    for (const supervised of before) await this.#replace(supervised, "restart");
  }

  /** Has all workers answer what they have and end, and ends. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#watch);
    await Promise.all(Array.from(this.#workers.values(), (supervised) => this.#drain(supervised)));
  }

  /** The metrics of all workers together, and the supervisor's. */
  async metrics(): Promise<MetricSnapshot[]> {
    this.#asked += 1;
    const id = this.#asked;
    const waiting = new Map<number, (metrics: readonly MetricSnapshot[]) => void>();
    this.#reports.set(id, waiting);
    const reports = Array.from(this.#workers.values(), async ({ worker }) => {
      const report = new Promise<readonly MetricSnapshot[]>((resolve) => {
        const timer = setTimeout(() => resolve(this.#kept.lastOf(worker.id)), reportTime);
        waiting.set(worker.id, (metrics) => {
          clearTimeout(timer);
          resolve(metrics);
        });
      });
      send(worker, { kind: "report", id });
      return report;
    });
    const found = await Promise.all(reports);
    this.#reports.delete(id);
    return mergeMetrics([...found, this.#kept.departed, this.#metrics.snapshot()]);
  }

  #startOne(): Supervised {
    const worker = cluster.fork();
    closeUnanswered(worker);
    const ready = new Promise<boolean>((resolve) => this.#readiness.set(worker.id, resolve));
    const supervised: Supervised = {
      worker,
      started: performance.now(),
      ready,
      isReady: false,
      isLeaving: false,
      heard: performance.now(),
    };
    this.#workers.set(worker.id, supervised);
    worker.on("message", (message) => this.#heard(supervised, message));
    worker.on("error", () => {});
    worker.once("exit", (code, signal) => this.#ended(supervised, signal ?? `code ${code}`));
    return supervised;
  }

  #heard(supervised: Supervised, input: unknown): void {
    const message = parseWorkerMessage(input);
    const { worker } = supervised;
    supervised.heard = performance.now();
    if (message?.kind === "ready") {
      this.url = message.url;
      supervised.isReady = true;
      if (this.#news) send(worker, { kind: "share", news: this.#news });
      this.#settle(worker.id, true);
      this.#event(`worker ${worker.process.pid} answers`);
    } else if (message?.kind === "memory") this.#weigh(supervised, message.bytes);
    else if (message?.kind === "drained") send(worker, { kind: "end" });
    else if (message?.kind === "collect") void this.#tellAll(worker, message.id);
    else if (message?.kind === "report") {
      this.#kept.keep(worker.id, message.metrics);
      this.#reports.get(message.id)?.get(worker.id)?.(message.metrics);
    } else if (message?.kind === "share") {
      // Workers that start later must have the rules too, not what was to be forgotten.
      if (message.news.kind === "traffic") this.#news = message.news;
      for (const other of this.#workers.values())
        if (other.worker.id !== worker.id) send(other.worker, { kind: "share", news: message.news });
    }
  }

  async #tellAll(worker: Worker, id: number): Promise<void> {
    send(worker, { kind: "collected", id, metrics: await this.metrics() });
  }

  /** Workers say how much memory they take every other second: one that doesn't is held up by a program without end. */
  #endSilent(): void {
    const { silenceTimeout = 30_000 } = this.#options;
    const now = performance.now();
    // After a pause of this process or the whole machine it is the supervisor that hasn't listened.
    if (now - this.#watched > 4 * watchInterval)
      for (const supervised of this.#workers.values()) supervised.heard = now;
    this.#watched = now;
    for (const { worker, heard, isReady } of this.#workers.values()) {
      const silence = now - heard;
      if (!isReady || silence < silenceTimeout || worker.isDead()) continue;
      this.#hangs.value += 1;
      this.#event(`worker ${worker.process.pid} has said nothing for ${Math.round(silence / 1000)} s`);
      worker.process.kill("SIGKILL");
    }
  }

  #weigh(supervised: Supervised, bytes: number): void {
    const { maxWorkerBytes } = this.#options;
    if (maxWorkerBytes === undefined || bytes <= maxWorkerBytes || supervised.isLeaving || this.#isClosing)
      return;
    // One at a time, for successors need memory too; and not without end where they need as much.
    const now = performance.now();
    if (now - this.#weighed < heaviest || Array.from(this.#workers.values()).some((each) => each.isLeaving))
      return;
    this.#weighed = now;
    void this.#replace(supervised, `${bytes} bytes of memory`);
  }

  async #replace(supervised: Supervised, reason: string): Promise<void> {
    if (supervised.isLeaving || this.#isClosing || !this.#workers.has(supervised.worker.id)) return;
    supervised.isLeaving = true;
    this.#restarts.value += 1;
    this.#event(`worker ${supervised.worker.process.pid} is replaced: ${reason}`);
    const successor = this.#startOne();
    if (!(await successor.ready)) {
      // Better the old one than none; what ended it is started again by itself.
      supervised.isLeaving = false;
      return;
    }
    await this.#drain(supervised);
  }

  #drain(supervised: Supervised): Promise<void> {
    const { worker } = supervised;
    supervised.isLeaving = true;
    if (worker.isDead()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => worker.process.kill("SIGKILL"), this.#options.drainTimeout ?? 40_000);
      worker.once("exit", () => {
        clearTimeout(timer);
        resolve();
      });
      // One that still starts has no calls, and may not hear yet.
      if (supervised.isReady) send(worker, { kind: "drain" });
      else worker.process.kill("SIGKILL");
    });
  }

  #ended(supervised: Supervised, how: string): void {
    const { worker, isLeaving, started } = supervised;
    this.#workers.delete(worker.id);
    this.#settle(worker.id, false);
    this.#kept.end(worker.id);
    for (const waiting of this.#reports.values()) waiting.get(worker.id)?.([]);
    if (this.#isClosing || isLeaving) return;
    this.#failures = performance.now() - started > settled ? 0 : this.#failures + 1;
    const pause = Math.min(longestPause, 50 * 2 ** Math.min(10, this.#failures));
    this.#event(`worker ${worker.process.pid} ended with ${how}; another starts in ${pause} ms`);
    setTimeout(() => {
      if (this.#isClosing || this.#workers.size >= this.#options.workers) return;
      this.#restarts.value += 1;
      this.#startOne();
    }, pause);
  }

  #settle(worker: number, isReady: boolean): void {
    this.#readiness.get(worker)?.(isReady);
    this.#readiness.delete(worker);
  }

  #event(event: string): void {
    this.#options.onEvent?.(event);
  }
}

function send(worker: Worker, message: SupervisorMessage): void {
  // A worker that is just ending can't be told anything; its end is heard by itself.
  if (worker.isConnected()) worker.send(message, () => {});
}
