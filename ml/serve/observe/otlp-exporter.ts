/**
 * @file Sends spans and log records to a collector by OTLP over HTTP, some at a time. A collector that is away costs spans, never
 * calls: what waits is bounded, and what is over is left out and counted.
 */
import { type Attributes, logsBody, type LogRecord, type Span, tracesBody } from "./otlp-encoding.ts";

/** Where it goes. */
export interface OtlpSettings {
  /** The collector's address, such as `http://127.0.0.1:4318`; `/v1/traces` and `/v1/logs` are added. */
  readonly endpoint: string;
  /** Sent with each request, such as an authorization. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly resource: Attributes;
}

const maxWaiting = 4096;
const batch = 512;
const interval = 2000;
const patience = 10_000;
const tries = 4;
/** The statuses after which the specification allows another try. */
const passing = new Set([429, 502, 503, 504]);

/** Sends what it is given. */
export class OtlpExporter {
  readonly #settings: OtlpSettings;
  readonly #timer: NodeJS.Timeout;
  readonly #ended = new AbortController();
  #spans: Span[] = [];
  #records: LogRecord[] = [];
  #sending: Promise<void> = Promise.resolve();
  /** Spans and records that a collector has taken. */
  sent = 0;
  /** Those that were left out. */
  dropped = 0;

  constructor(settings: OtlpSettings) {
    this.#settings = settings;
    this.#timer = setInterval(() => void this.flush(), interval).unref();
  }

  span(span: Span): void {
    if (this.#spans.length >= maxWaiting) this.dropped += 1;
    else if (this.#spans.push(span) % batch === 0) void this.flush();
  }

  record(record: LogRecord): void {
    if (this.#records.length >= maxWaiting) this.dropped += 1;
    else if (this.#records.push(record) % batch === 0) void this.flush();
  }

  /** Sends what waits. Fulfilled when it was taken or given up. */
  flush(): Promise<void> {
    this.#sending = this.#sending.then(() => this.#sendAll());
    return this.#sending;
  }

  /** Sends what waits once, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const late = setTimeout(() => this.#ended.abort(), 2000);
    await this.flush();
    clearTimeout(late);
    this.#ended.abort();
  }

  async #sendAll(): Promise<void> {
    while (this.#spans.length > 0) {
      const spans = this.#spans.slice(0, batch);
      await this.#send("traces", tracesBody(this.#settings.resource, spans), spans.length);
      this.#spans = this.#spans.slice(spans.length);
    }
    while (this.#records.length > 0) {
      const records = this.#records.slice(0, batch);
      await this.#send("logs", logsBody(this.#settings.resource, records), records.length);
      this.#records = this.#records.slice(records.length);
    }
  }

  async #send(kind: "traces" | "logs", body: object, count: number): Promise<void> {
    const text = JSON.stringify(body);
    for (let attempt = 0; attempt < tries && !this.#ended.signal.aborted; attempt++) {
      if (attempt > 0) await this.#wait(2 ** attempt * 250 * (0.5 + Math.random()));
      const status = await this.#post(`${this.#settings.endpoint.replace(/\/+$/, "")}/v1/${kind}`, text);
      if (status !== undefined && status < 300) {
        this.sent += count;
        return;
      }
      if (status !== undefined && !passing.has(status)) break;
    }
    this.dropped += count;
  }

  /** The answer's status; undefined where there was none. */
  async #post(url: string, body: string): Promise<number | undefined> {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { ...this.#settings.headers, "content-type": "application/json" },
        body,
        signal: AbortSignal.any([this.#ended.signal, AbortSignal.timeout(patience)]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return undefined;
    }
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#ended;
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener("abort", done);
    });
  }
}
