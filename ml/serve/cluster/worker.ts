/** @file A process of several that answer the same port, and its talk with the supervisor. */
import cluster from "node:cluster";
import type { MetricSnapshot } from "../observe/metrics.ts";
import { parseSupervisorMessage, type SharedNews, type WorkerMessage } from "./protocol.ts";

/** What a worker does when it is told to. */
export interface WorkerHooks {
  /** Its own metrics. */
  readonly snapshot: () => MetricSnapshot[];
  /** Something that another worker was told. */
  readonly onNews: (news: SharedNews) => void;
  /** Answer what it has and end. */
  readonly onDrain: () => void;
}

/** How often it says how much memory it takes, in milliseconds. */
const memoryInterval = 2000;
/** In how many milliseconds the metrics of all must be there; its own are told otherwise. */
const collectTime = 2000;

/** A worker's side of the talk. */
export class WorkerLink {
  readonly #hooks: WorkerHooks;
  readonly #waiting = new Map<number, (metrics: readonly MetricSnapshot[] | undefined) => void>();
  readonly #timer: NodeJS.Timeout;
  #collects = 0;
  #end = (): void => {};

  /** @throws {Error} in a process that no supervisor has started */
  constructor(hooks: WorkerHooks) {
    if (!cluster.isWorker) throw new Error("this process has no supervisor");
    this.#hooks = hooks;
    process.on("message", (message) => this.#heard(message));
    this.#timer = setInterval(
      () => this.#send({ kind: "memory", bytes: process.memoryUsage.rss() }),
      memoryInterval,
    ).unref();
  }

  /** Says that calls are answered. */
  ready(url: string): void {
    this.#send({ kind: "ready", url });
  }

  /** Has all others know. */
  share(news: SharedNews): void {
    this.#send({ kind: "share", news });
  }

  /** The metrics of all workers and the supervisor; only the own where the supervisor doesn't answer. */
  async collect(own: readonly MetricSnapshot[]): Promise<MetricSnapshot[]> {
    this.#collects += 1;
    const id = this.#collects;
    const all = await new Promise<readonly MetricSnapshot[] | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), collectTime);
      this.#waiting.set(id, (metrics) => {
        clearTimeout(timer);
        resolve(metrics);
      });
      this.#send({ kind: "collect", id });
    });
    this.#waiting.delete(id);
    return [...(all ?? own)];
  }

  /**
   * Waits for the connections that were on their way when this process stopped to take some: it refuses them, and the supervisor
   * gives them to others. Without that they would be lost with the process.
   */
  async drained(): Promise<void> {
    if (!process.connected) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, collectTime);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#send({ kind: "drained" });
    });
  }

  /** Ends the talk; the process can end then. */
  close(): void {
    clearInterval(this.#timer);
    if (process.connected) process.disconnect();
  }

  #heard(input: unknown): void {
    const message = parseSupervisorMessage(input);
    if (message?.kind === "report")
      this.#send({ kind: "report", id: message.id, metrics: this.#hooks.snapshot() });
    else if (message?.kind === "collected") this.#waiting.get(message.id)?.(message.metrics);
    else if (message?.kind === "share") this.#hooks.onNews(message.news);
    else if (message?.kind === "drain") this.#hooks.onDrain();
    else if (message?.kind === "end") this.#end();
  }

  #send(message: WorkerMessage): void {
    // A supervisor that has gone takes its workers with it; what they still say is of no use.
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  }
}
