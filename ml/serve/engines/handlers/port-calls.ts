/**
 * @file Calls between two threads, either of which asks the other: an answer, or one that comes in parts, each of which is asked
 * for, so that nobody makes parts faster than they are read.
 */
import { InvalidInputError } from "../../../errors.ts";
import { RuntimeError } from "../../../graph/errors.ts";
import { ServingError, type InferenceTensor, type ServingErrorKind } from "../../inference.ts";

type Part = readonly InferenceTensor[];

/** An answer, and its parts where it comes in some. */
export interface PortAnswer<Value> {
  readonly value: Value;
  readonly parts?: AsyncIterable<Part> | undefined;
}

/** An error as it goes from thread to thread. */
export type ToldError =
  | {
      readonly kind: "serving";
      readonly of: ServingErrorKind;
      readonly message: string;
      readonly retryAfter: number | undefined;
      readonly isBeforeModel: boolean;
    }
  | { readonly kind: "invalid"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string | undefined };

/** What one thread tells the other: its questions, and its answers to those of the other. An id is of whoever asked. */
export type PortMessage<Ask, Value> =
  | { readonly kind: "ask"; readonly id: number; readonly ask: Ask }
  | { readonly kind: "abort" | "next" | "leave"; readonly id: number }
  | { readonly kind: "answer"; readonly id: number; readonly value: Value; readonly hasParts: boolean }
  | { readonly kind: "part"; readonly id: number; readonly part: Part }
  | { readonly kind: "end"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly error: ToldError };

type Reply<Value> = Extract<PortMessage<never, Value>, { kind: "answer" | "part" | "end" }>;

/** What is being answered. */
interface Answering {
  readonly stop: AbortController;
  parts: AsyncIterator<Part> | undefined;
}

/** How one end of the talk behaves. */
export interface PortCallsOptions<Ask, TheirAsk, TheirValue> {
  readonly post: (message: PortMessage<Ask, TheirValue>) => void;
  /** Answers the other thread. The signal aborts when nobody waits for the answer any more. */
  readonly answer: (
    ask: TheirAsk,
    signal: AbortSignal,
  ) => PortAnswer<TheirValue> | Promise<PortAnswer<TheirValue>>;
  /** Told which question of the other thread is being worked at in this turn, and 0 when that gives the turn back. */
  readonly mark?: ((id: number) => void) | undefined;
}

/** One end of the talk. */
export class PortCalls<Ask, Value, TheirAsk, TheirValue> {
  readonly #options: PortCallsOptions<Ask, TheirAsk, TheirValue>;
  readonly #asked = new Map<number, Asked<Value>>();
  readonly #answering = new Map<number, Answering>();
  #lastId = 0;

  constructor(options: PortCallsOptions<Ask, TheirAsk, TheirValue>) {
    this.#options = options;
  }

  /** Questions that have no answer yet, or not all parts of it. */
  get pending(): number {
    return this.#asked.size;
  }

  /** Asks the other thread. @throws what the other thread threw, as far as errors can be told */
  async ask(ask: Ask, signal: AbortSignal | undefined): Promise<PortAnswer<Value>> {
    const id = ++this.#lastId;
    const { post } = this.#options;
    const abort = (): void => post({ kind: "abort", id });
    const asked = new Asked<Value>();
    const forget = (): void => {
      this.#asked.delete(id);
      signal?.removeEventListener("abort", abort);
    };
    this.#asked.set(id, asked);
    try {
      const reply = asked.reply();
      post({ kind: "ask", id, ask });
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort, { once: true });
      const answer = await reply;
      if (answer.kind !== "answer") throw new RuntimeError(`a thread answered with ${answer.kind}`);
      if (answer.hasParts) return { value: answer.value, parts: this.#parts(id, asked, forget) };
      forget();
      return { value: answer.value };
    } catch (error) {
      forget();
      throw error;
    }
  }

  async *#parts(id: number, asked: Asked<Value>, forget: () => void): AsyncIterable<Part> {
    const { post } = this.#options;
    let isOver = true;
    try {
      for (;;) {
        const reply = asked.reply();
        post({ kind: "next", id });
        const next = await reply;
        if (next.kind !== "part") return;
        isOver = false;
        yield next.part;
        isOver = true;
      }
    } finally {
      forget();
      // Whoever read them has left before their end.
      if (!isOver) post({ kind: "leave", id });
    }
  }

  /** Takes what the other thread said. */
  hear(message: PortMessage<TheirAsk, Value>): void {
    const { id } = message;
    switch (message.kind) {
      case "ask":
        void this.#answer(id, message.ask);
        break;
      case "next":
        void this.#next(id);
        break;
      case "abort":
        this.#answering.get(id)?.stop.abort();
        break;
      case "leave":
        void this.#leave(id);
        break;
      case "failed":
        this.#asked.get(id)?.fail(heardError(message.error));
        break;
      default:
        this.#asked.get(id)?.hear(message);
    }
  }

  /** The other thread has gone: all that was asked of it fails, and nobody waits for what it asked. */
  end(errorOf: (id: number) => Error): void {
    for (const [id, asked] of this.#asked) asked.fail(errorOf(id));
    for (const { stop } of this.#answering.values()) stop.abort();
  }

  /** What is done in this turn is known to be for the question. */
  #marked<T>(id: number, begin: () => T): T {
    const { mark } = this.#options;
    mark?.(id);
    try {
      return begin();
    } finally {
      mark?.(0);
    }
  }

  async #answer(id: number, ask: TheirAsk): Promise<void> {
    const { post, answer } = this.#options;
    const answering: Answering = { stop: new AbortController(), parts: undefined };
    this.#answering.set(id, answering);
    try {
      const { value, parts } = await this.#marked(id, () => answer(ask, answering.stop.signal));
      answering.parts = parts?.[Symbol.asyncIterator]();
      post({ kind: "answer", id, value, hasParts: parts !== undefined });
      if (!parts) this.#answering.delete(id);
    } catch (error) {
      this.#failed(id, error);
    }
  }

  async #next(id: number): Promise<void> {
    const { post } = this.#options;
    const parts = this.#answering.get(id)?.parts;
    try {
      const next = await this.#marked(id, () => parts?.next());
      if (next && next.done !== true) {
        post({ kind: "part", id, part: next.value });
        return;
      }
      this.#answering.delete(id);
      post({ kind: "end", id });
    } catch (error) {
      this.#failed(id, error);
    }
  }

  async #leave(id: number): Promise<void> {
    const parts = this.#answering.get(id)?.parts;
    this.#answering.delete(id);
    try {
      await this.#marked(id, () => parts?.return?.());
    } catch {
      // Nobody is there to be told.
    }
  }

  #failed(id: number, error: unknown): void {
    this.#answering.delete(id);
    this.#options.post({ kind: "failed", id, error: toldError(error) });
  }
}

/** A question of this thread: one reply is waited for at a time. */
class Asked<Value> {
  #resolve: (reply: Reply<Value>) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #failure: Error | undefined;

  reply(): Promise<Reply<Value>> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (this.#failure) reject(this.#failure);
    });
  }

  hear(reply: Reply<Value>): void {
    this.#resolve(reply);
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#reject(error);
  }
}

function toldError(error: unknown): ToldError {
  if (error instanceof ServingError) {
    const { kind, message, retryAfter, isBeforeModel } = error;
    return { kind: "serving", of: kind, message, retryAfter, isBeforeModel };
  }
  if (error instanceof InvalidInputError) return { kind: "invalid", message: error.message };
  if (error instanceof Error) return { kind: "failed", message: error.message, stack: error.stack };
  return { kind: "failed", message: String(error), stack: undefined };
}

function heardError(told: ToldError): Error {
  const { kind, message } = told;
  if (kind === "invalid") return new InvalidInputError(message);
  if (kind === "serving") {
    const { of, retryAfter, isBeforeModel } = told;
    return new ServingError(of, message, { isBeforeModel, ...(retryAfter !== undefined && { retryAfter }) });
  }
  const error = new RuntimeError(message);
  // Where it was thrown, not where it was heard.
  if (told.stack !== undefined) error.stack = told.stack;
  return error;
}
