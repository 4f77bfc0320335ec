/**
 * @file The calls of a run on their way to the store: in order, one at a time, each in the journal before it is sent.
 *
 * A call leaves the journal when the store has answered it. One that the store can't answer is made again after a pause, in front of all
 * later ones; one that the store refuses is salvaged. The calls that a journal may hold change nothing when they are made twice:
 * a metric's points are equal in key, time, step and value, a param has its value already, a tag is set to the same.
 */
import { TrackingError, TrackingUnavailableError } from "./errors.ts";
import type { Journal, LinePlace } from "./journal/journal.ts";
import { callLine, doneLine, type JournalEndpoint, parseLine } from "./journal/journal-lines.ts";
import { salvage } from "./salvage.ts";
import type { RefusedFile } from "./refused-file.ts";
import type { TrackingApi } from "./tracking-api.ts";
import { warn } from "./warn.ts";

/** Milliseconds between tries: the first pause, and the longest. */
const pauses = { first: 500, longest: 30_000 } as const;
/** Milliseconds that {@link Outbox.settle} waits for the store's answer to one call. */
const patience = 15_000;
/** Calls kept in memory beside the journal; later ones are read from it. */
const keptInMemory = 64;

interface Call {
  readonly seq: number;
  readonly endpoint: JournalEndpoint;
  /** JSON; not kept where the journal has it and many wait. */
  body: string | undefined;
  /** Where it stands in the journal. */
  place: LinePlace | undefined;
}

export class Outbox {
  readonly #api: TrackingApi;
  readonly #journal: Journal;
  readonly #refused: RefusedFile;
  readonly #runId: string;
  readonly #waiting: Call[] = [];
  #seq = 0;
  #sending = false;
  #writing: Promise<void> | undefined;
  #closing = false;
  #pause = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Why the store can't be sent to now. */
  #away: TrackingUnavailableError | undefined;
  #awaySince = 0;
  #journalFailure: unknown;
  #listeners: (() => void)[] = [];

  constructor(api: TrackingApi, journal: Journal, refused: RefusedFile, runId: string) {
    this.#api = api;
    this.#journal = journal;
    this.#refused = refused;
    this.#runId = runId;
  }

  /** How many calls the store hasn't answered. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a call; it is written and sent in the background. */
  add(endpoint: JournalEndpoint, body: string): void {
    this.#waiting.push({ seq: ++this.#seq, endpoint, body, place: undefined });
    void this.#write().then(() => this.#send());
  }

  /**
   * Resolves when each call that was added is made, or is on the disk where the store doesn't answer.
   * @throws {@link TrackingError} where it is neither
   */
  async settle(): Promise<number> {
    const last = this.#seq;
    await this.#write();
    // Not at each of many calls: one try may take long.
    if (this.#away && performance.now() - this.#awaySince > patience) this.retry();
    else void this.#send();
    const deadline = performance.now() + patience;
    while (this.#isWaitingFor(last) && !this.#away && performance.now() < deadline)
      await this.#nextEvent(deadline - performance.now());
    if (!this.#isWaitingFor(last)) return 0;
    await this.#write();
    try {
      if (this.#waiting.some(({ place }) => !place)) throw this.#journalFailure;
      await this.#journal.sync();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const away = this.#away?.message ?? "the store doesn't answer in time";
      throw new TrackingError(
        `what was logged to run ${this.#runId} is in memory only: ${away}; and the journal can't be written: ${reason}`,
        { cause: error },
      );
    }
    return this.#waiting.length;
  }

  /** Lets go of the journal when all is sent: at once where nothing waits. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#waiting.length === 0) await this.#journal.close(true);
  }

  /** Writes what waits to the journal before it returns: for the process's end. */
  writeNow(): void {
    const unwritten = this.#waiting.filter(({ place }) => !place);
    this.#journal.appendNow(unwritten.map((call) => callLine(call.seq, call.endpoint, call.body ?? "{}")));
  }

  #isWaitingFor(seq: number): boolean {
    const [first] = this.#waiting;
    return first !== undefined && first.seq <= seq;
  }

  /** Writes to the journal what isn't in it. */
  async #write(): Promise<void> {
    // One at a time: what comes meanwhile is written together, next.
    while (this.#writing) await this.#writing;
    const calls = this.#waiting.filter(({ place }) => !place);
    if (calls.length === 0) return;
    this.#writing = this.#append(calls);
    try {
      await this.#writing;
    } finally {
      this.#writing = undefined;
    }
  }

  async #append(calls: readonly Call[]): Promise<void> {
    try {
      const lines = calls.map(({ seq, endpoint, body }) => callLine(seq, endpoint, body ?? "{}"));
      const places = await this.#journal.append(lines);
      for (const [at, call] of calls.entries()) call.place = places[at];
      for (const call of this.#waiting.slice(keptInMemory)) if (call.place) call.body = undefined;
      this.#journalFailure = undefined;
    } catch (error) {
      if (this.#journalFailure === undefined) {
        const reason = error instanceof Error ? error.message : String(error);
        warn(`the journal of run ${this.#runId} can't be written, what is logged waits in memory: ${reason}`);
      }
      this.#journalFailure = error ?? new Error("unknown");
    }
  }

  async #send(): Promise<void> {
    if (this.#sending || this.#away) return;
    this.#sending = true;
    try {
      for (let call = this.#waiting[0]; call; call = this.#waiting[0]) {
        if (!call.place) await this.#write();
        await this.#make(call);
        this.#waiting.shift();
        this.#pause = 0;
        this.#noteDone(call);
        this.#tell();
      }
    } catch (error) {
      this.#setAway(
        error instanceof TrackingUnavailableError
          ? error
          : new TrackingUnavailableError(error instanceof Error ? error.message : String(error), {
              cause: error,
            }),
      );
    } finally {
      this.#sending = false;
      this.#tell();
    }
    if (this.#closing && this.#waiting.length === 0) await this.#journal.close(true).catch(() => {});
  }

  async #make(call: Call): Promise<void> {
    const body = call.body ?? (await this.#readBack(call));
    try {
      await this.#api.ask("POST", call.endpoint, body);
    } catch (error) {
      if (error instanceof TrackingUnavailableError || !(error instanceof TrackingError)) throw error;
      await salvage(this.#api, this.#refused, call.endpoint, body, error);
    }
  }

  async #readBack({ seq, place }: Call): Promise<string> {
    const record = place && parseLine((await this.#journal.read(place)).trimEnd());
    if (record?.kind !== "call") throw new Error(`call ${seq} can't be read back from ${this.#journal.path}`);
    return JSON.stringify(record.body);
  }

  #noteDone({ seq, place }: Call): void {
    if (!place) return;
    // Not waited for: without it the call is made twice, which changes nothing.
    void this.#journal
      .append([doneLine(seq)])
      .then(() => this.#journal.shrink(() => this.#waiting.length === 0))
      .catch(() => {});
  }

  #setAway(error: TrackingUnavailableError): void {
    if (this.#pause === 0)
      warn(`${error.message}; what is logged to run ${this.#runId} is kept and sent later`);
    this.#away = error;
    this.#awaySince = performance.now();
    this.#pause = Math.min(this.#pause === 0 ? pauses.first : this.#pause * 2, pauses.longest);
    this.#timer = setTimeout(() => this.retry(), this.#pause * (0.75 + Math.random() / 2));
    // What waits is in the journal: it keeps no process alive.
    this.#timer.unref();
  }

  /** Tries again now what the store didn't answer. */
  retry(): void {
    clearTimeout(this.#timer);
    this.#away = undefined;
    void this.#write().then(() => this.#send());
  }

  #tell(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }

  async #nextEvent(limit: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#listeners.push(resolve);
      timer = setTimeout(resolve, Math.max(limit, 0));
    });
    clearTimeout(timer);
  }
}
