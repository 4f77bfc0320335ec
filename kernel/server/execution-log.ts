/**
 * @file The cells that an editor wants to find again when it comes back, and what they have put out since.
 *
 * An execution is kept from its request until a moment after its end; from when a client has gone until one has come
 * back, longer. Invariant: what is kept of all outputs stays below a limit; what is beyond is counted.
 */
import type { KeptExecution, PastExecution, SessionReply } from "../session-protocol.ts";
import { RunTraces, displayId } from "./run-traces.ts";

/** Bytes of outputs that are kept. */
const outputLimit = 64 * 1024 * 1024;
/** Milliseconds until what a cell has put out is taken to be with the client. */
const deliveryTime = 3000;
/** So many runs are remembered without what they put out. */
const mostPast = 2000;

const outputTypes: ReadonlySet<string> = new Set([
  "stream",
  "display_data",
  "update_display_data",
  "execute_result",
  "error",
  "clear_output",
]);

type Content = Readonly<Record<string, unknown>>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Output {
  readonly type: string;
  content: Content;
  size: number;
}

interface Kept {
  readonly about: Mutable<Omit<KeptExecution, "outputs" | "dropped">>;
  /** Who answers what the cell asks, where that is not who asked for it. */
  client: readonly Buffer[] | undefined;
  outputs: Output[];
  dropped: number;
  clearsNext: boolean;
}

type Past = Omit<PastExecution, "displays">;
type Resumed = Pick<Extract<SessionReply, { readonly type: "session" }>, "executions" | "past" | "comms">;

export class ExecutionLog {
  readonly #kept = new Map<string, Kept>();
  readonly #past = new Map<string, Past>();
  readonly #traces = new RunTraces();
  /** A client has gone, and none has come back. */
  #isAway = false;
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  /** A request has come in. */
  asked(id: string, cellId: string | undefined, code: string): void {
    this.#keep(id, { cellId: cellId ?? null, code, state: "waiting" });
  }

  started(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    kept.about.state = "running";
    kept.about.started = Date.now();
  }

  ended(id: string, status: Past["status"], count: number): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    const { about } = kept;
    Object.assign(about, { state: "ended", ended: Date.now(), status, count } satisfies Partial<
      typeof about
    >);
    this.#past.set(id, { id, cellId: about.cellId, code: about.code, status, count });
    const [oldest] = this.#past.keys();
    if (this.#past.size > mostPast && oldest !== undefined) {
      this.#past.delete(oldest);
      this.#traces.forget(oldest);
    }
    this.#sweepLater();
  }

  /** A message was published in answer to a request, in these frames. */
  published(id: string, type: string, content: Content, frames: readonly Buffer[]): void {
    if (type === "execute_input" && typeof content["execution_count"] === "number") {
      const kept = this.#kept.get(id);
      if (kept !== undefined) kept.about.count = content["execution_count"];
    }
    if (type === "comm_close") this.#traces.closed(content);
    else if (this.#kept.has(id) || this.#past.has(id)) this.#traces.published(id, type, content);
    if (!outputTypes.has(type)) return;
    const kept = this.#kept.get(id) ?? this.#keepLate(id);
    if (kept === undefined) return;
    if (type === "clear_output") {
      if (content["wait"] === true) kept.clearsNext = true;
      else this.#clear(kept);
      return;
    }
    if (kept.clearsNext) this.#clear(kept);
    const size = frames.reduce((sum, frame) => sum + frame.byteLength, 0);
    if (this.#size + size > outputLimit) {
      kept.dropped += size;
      return;
    }
    this.#size += size;
    add(kept.outputs, { type, content, size }, (dropped) => {
      this.#size -= dropped;
    });
  }

  /** A client has gone: what is put out from now on is for whoever comes back. */
  clientGone(): void {
    this.#isAway = true;
  }

  /** Who answers what an execution asks, where that is another than who asked for it. */
  clientOf(id: string): readonly Buffer[] | undefined {
    return this.#kept.get(id)?.client;
  }

  /** What the client that comes has to know. It is taken to have it from then on. */
  resume(client: readonly Buffer[]): Resumed {
    for (const kept of this.#kept.values()) kept.client = client;
    const executions = [...this.#kept.values()].map(({ about, outputs, dropped }) => {
      const shown = outputs.map(({ type, content }) => ({ type, content }));
      return Object.assign({ outputs: shown, dropped }, about);
    });
    this.#isAway = false;
    this.#sweepLater();
    const past = [...this.#past].flatMap(([id, run]) => {
      const kept = this.#kept.get(id);
      if (kept !== undefined && !kept.about.late) return [];
      const displays = this.#traces.displays(id);
      return [displays === undefined ? run : { ...run, displays: [...displays] }];
    });
    return { executions, past, comms: [...this.#traces.comms] };
  }

  #keep(id: string, start: Pick<Kept["about"], "cellId" | "code" | "state">): Kept {
    const about = { id, ...start, started: null, ended: null, count: null, status: null, late: false };
    const kept: Kept = { about, client: undefined, outputs: [], dropped: 0, clearsNext: false };
    this.#kept.set(id, kept);
    return kept;
  }

  /** Timers and the like put something out after their cell's end: the client sees it, unless it is away. */
  #keepLate(id: string): Kept | undefined {
    const past = this.#past.get(id);
    if (past === undefined || !this.#isAway) return undefined;
    const { cellId, code, status } = past;
    const kept = this.#keep(id, { cellId, code, state: "ended" });
    Object.assign(kept.about, { late: true, status, ended: Date.now() } satisfies Partial<Kept["about"]>);
    return kept;
  }

  #clear(kept: Kept): void {
    kept.clearsNext = false;
    for (const { size } of kept.outputs) this.#size -= size;
    kept.outputs = [];
    kept.dropped = 0;
  }

  #sweepLater(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sweep();
    }, deliveryTime);
    this.#timer.unref();
  }

  #sweep(): void {
    if (this.#isAway) return;
    const delivered = Date.now() - deliveryTime;
    for (const [id, kept] of this.#kept) {
      const { ended } = kept.about;
      if (ended === null) continue;
      if (ended > delivered) {
        this.#sweepLater();
        continue;
      }
      this.#clear(kept);
      this.#kept.delete(id);
    }
  }
}

/** Adds an output; one that only replaces or lengthens another takes its place. */
function add(outputs: Output[], output: Output, free: (size: number) => void): void {
  const last = outputs.at(-1);
  if (
    output.type === "stream" &&
    last?.type === "stream" &&
    last.content["name"] === output.content["name"]
  ) {
    last.content = {
      ...last.content,
      text: `${String(last.content["text"])}${String(output.content["text"])}`,
    };
    last.size += output.size;
    return;
  }
  if (output.type === "update_display_data") {
    const id = displayId(output.content);
    const known = outputs.findLastIndex(
      ({ type, content }) => type === output.type && displayId(content) === id,
    );
    if (known >= 0) for (const { size } of outputs.splice(known, 1)) free(size);
  }
  outputs.push(output);
}
