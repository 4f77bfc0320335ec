/**
 * @file What is logged to a run, from the call that returns at once to the outbox.
 *
 * Adding never waits and never throws. What the store would surely refuse is told apart here and kept in the file of the refused.
 */
import { MlflowError } from "../registry/mlflow-error.ts";
import { requireKey, requireLength, requireMetricKey } from "../registry/limits.ts";
import type { Connection } from "./connection.ts";
import { Journal } from "./journal/journal.ts";
import type { JournalEndpoint } from "./journal/journal-lines.ts";
import { Outbox } from "./outbox.ts";
import { PendingBatch } from "./pending-batch.ts";
import { RefusedFile } from "./refused-file.ts";
import type { EndStatus, MetricOptions, ParamValue } from "./run.ts";
import { RunClock } from "./run-clock.ts";
import { textOf, wellFormed } from "./text-of.ts";
import { warn } from "./warn.ts";

/** Milliseconds that what is logged waits in memory, at most. */
const interval = 500;
/** Entries in memory that aren't kept waiting. */
const fullBatch = 1000;
/** Characters of a param and of a tag, as MLflow keeps them; longer ones are cut. */
const valueLengths = { param: 6000, tag: 8000 } as const;

export class RunLog {
  readonly #runId: string;
  readonly #pending = new PendingBatch();
  readonly #outbox: Outbox;
  readonly #refused: RefusedFile;
  readonly #clock = new RunClock();
  /** Keys of metrics that were found right. */
  readonly #keys = new Set<string>();
  readonly #params: Map<string, string>;
  readonly #journal: Journal;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /** @param params those that the run has already */
  constructor(
    { api, journalFolder }: Connection,
    runId: string,
    params: Readonly<Record<string, string | undefined>>,
  ) {
    this.#runId = runId;
    this.#params = new Map(
      Object.entries(params).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
    );
    this.#refused = new RefusedFile(journalFolder, runId);
    this.#journal = new Journal(journalFolder, api.location.name, runId);
    this.#outbox = new Outbox(api, this.#journal, this.#refused, runId);
  }

  /** Makes the journal: a run whose process ends early is found by it. Why it can't be made is told when it is written. */
  async open(): Promise<void> {
    await this.#journal.open().catch(() => {});
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Adds a point. The hot path. */
  point(key: string, value: number, options: MetricOptions | undefined): void {
    const step = options?.step ?? 0;
    const timestamp = options?.timestamp === undefined ? this.#clock.now() : Math.round(options.timestamp);
    const wrong =
      this.#ended || !this.#keys.has(key) || typeof value !== "number" || !isInteger(step, timestamp);
    if (wrong && !this.#isRightPoint(key, value, step, timestamp)) return;
    this.#pending.addPoint({ key, value, timestamp, step, modelId: options?.modelId });
    this.#touch();
  }

  param(key: string, value: ParamValue): void {
    const text = this.#cut("param", key, textOf(value));
    const old = this.#params.get(key);
    if (old === text && !this.#ended) return;
    const reason =
      this.#wrongKey(key) ??
      (old === undefined ? undefined : `it has the value ${JSON.stringify(old)} already`);
    if (reason !== undefined) return this.#refuse("param", { key, value: text }, reason);
    this.#params.set(key, text);
    this.#pending.addParam(key, text);
    this.#touch();
  }

  tag(key: string, value: string | number | boolean): void {
    const text = this.#cut("tag", key, textOf(value));
    const reason = this.#wrongKey(key);
    if (reason !== undefined) return this.#refuse("tag", { key, value: text }, reason);
    this.#pending.addTag(key, text);
    this.#touch();
  }

  /** Adds a call after all that was logged before it. */
  call(endpoint: JournalEndpoint, body: object): void {
    if (this.#ended) return this.#refuse(`call of ${endpoint}`, body, "the run has ended");
    this.#collect();
    this.#outbox.add(endpoint, JSON.stringify(body));
  }

  /** Resolves with the number of calls that wait for the store: see `Run.flush`. */
  async settle(): Promise<number> {
    this.#collect();
    return this.#outbox.settle();
  }

  async end(status: EndStatus): Promise<number> {
    if (!this.#ended) this.#addEnd(status);
    this.#outbox.retry();
    const waiting = await this.#outbox.settle();
    await this.#outbox.close();
    return waiting;
  }

  /** Puts all that is in memory into the journal before it returns, with the end of the run. Throws the system's error. */
  endNow(status: EndStatus): void {
    if (!this.#ended) this.#addEnd(status);
    this.#outbox.writeNow();
  }

  #addEnd(status: EndStatus): void {
    this.call("runs/update", { run_id: this.#runId, status, end_time: this.#clock.now() });
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #touch(): void {
    if (this.#pending.size >= fullBatch) return this.#collect();
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#collect(), interval);
    this.#timer.unref();
  }

  #collect(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.size === 0) return;
    for (const body of this.#pending.take(this.#runId)) this.#outbox.add("runs/log-batch", body);
  }

  #isRightPoint(key: string, value: number, step: number, timestamp: number): boolean {
    const reason = this.#wrongPoint(key, value, step, timestamp);
    if (reason !== undefined) this.#refuse("metric", { key, value, timestamp, step }, reason);
    else this.#keys.add(key);
    return reason === undefined;
  }

  #wrongPoint(key: string, value: unknown, step: number, timestamp: number): string | undefined {
    if (typeof value !== "number") return "its value is no number";
    if (!Number.isSafeInteger(step)) return `its step is ${step}, and must be a whole number`;
    if (!Number.isSafeInteger(timestamp) || timestamp < 0) return `its timestamp is ${timestamp}`;
    return this.#wrongKey(key, requireMetricKey);
  }

  #wrongKey(key: string, check: (key: string, path: string) => void = checkKey): string | undefined {
    if (this.#ended) return "the run has ended";
    try {
      check(key, "key");
      return undefined;
    } catch (error) {
      if (error instanceof MlflowError) return error.message;
      return "its key is no text";
    }
  }

  #cut(kind: keyof typeof valueLengths, key: string, text: string): string {
    const limit = valueLengths[kind];
    if (text.length <= limit) return text;
    warn(
      `run ${this.#runId}: the ${kind} "${key}" has ${text.length} characters: the first ${limit} are kept`,
    );
    return wellFormed(text.slice(0, limit));
  }

  #refuse(kind: string, entry: object, reason: string): void {
    this.#refused.add([{ kind, entry, reason }]);
  }
}

function isInteger(step: number, timestamp: number): boolean {
  return Number.isSafeInteger(step) && Number.isSafeInteger(timestamp) && timestamp >= 0;
}

function checkKey(key: string, path: string): void {
  if (key === "") throw new MlflowError("INVALID_PARAMETER_VALUE", "its key is empty");
  requireKey(key, path);
  requireLength("key", 250, key);
}
