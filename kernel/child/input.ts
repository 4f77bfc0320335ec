/**
 * @file Input from the user: `prompt`, `confirm`, `alert` and `process.stdin`.
 *
 * The main thread blocks until the frontend has answered; the control thread receives the answer, and an interrupt
 * ends the wait.
 */
import { setTimeout } from "./clock.ts";
import { Readable } from "node:stream";
import { receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { currentRequest } from "./cell-request.ts";
import { inputCount, inputFlag } from "./interrupt-state.ts";
import { sendMessage } from "./output.ts";

/** The frontend that runs the cell takes no input, for example in a batch run. */
export class InputUnavailableError extends Error {
  override readonly name = "InputUnavailableError";
}

export class UserInput {
  readonly #flags: Int32Array;
  readonly #answers: MessagePort;
  #stream: InputStream | undefined;

  constructor(flags: Int32Array, answers: MessagePort) {
    this.#flags = flags;
    this.#answers = answers;
  }

  /** Defines the globals. */
  install(): void {
    const define = (target: object, name: string, value: unknown): void => {
      Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
    };
    define(globalThis, "prompt", (message: unknown = "", initial: unknown = "") => {
      const preset = String(initial);
      const text = [String(message), preset === "" ? "" : `[${preset}]`]
        .filter((part) => part !== "")
        .join(" ");
      return this.request(text === "" ? "" : `${text} `) || preset;
    });
    define(globalThis, "confirm", (message: unknown = "") => {
      const answer = this.request(`${String(message)} [y/N] `);
      return /^\s*(?:y|yes|true|ok)\s*$/i.test(answer);
    });
    define(globalThis, "alert", (message: unknown = "") => {
      this.request(`${String(message)} [Enter] `);
    });
    Object.defineProperty(process, "stdin", {
      configurable: true,
      enumerable: true,
      get: () => {
        // A stream ends with its cell: what reads on in the background must not ask in the name of a later one.
        if (this.#stream === undefined || this.#stream.destroyed || this.#stream.readableEnded)
          this.#stream = new InputStream(this);
        return this.#stream;
      },
    });
  }

  /** Asks the frontend for one line and waits for it, blocking the thread. */
  request(prompt: string, password = false): string {
    this.#ask(prompt, password);
    for (;;) {
      const state = Atomics.load(this.#flags, inputFlag);
      if (state === 0) break;
      Atomics.wait(this.#flags, inputFlag, state);
    }
    return textOf(receiveMessageOnPort(this.#answers)?.message);
  }

  /** Asks for one line without blocking. Undefined where the cell that asks has ended. */
  async requestLater(): Promise<string | undefined> {
    if (currentRequest().end === undefined) return undefined;
    this.#ask("", false);
    return await new Promise((resolve) => {
      this.#answers.once("message", (answer: unknown) => resolve(textOf(answer)));
    });
  }

  #ask(prompt: string, password: boolean): void {
    const request = currentRequest();
    if (!request.allowStdin) {
      throw new InputUnavailableError(
        "This frontend does not take input: give the value in the code, or run the notebook where it can ask.",
      );
    }
    if (request.end === undefined)
      throw new InputUnavailableError("Input can be asked for only while the cell runs.");
    this.#answers.removeAllListeners("message");
    while (receiveMessageOnPort(this.#answers) !== undefined);
    Atomics.add(this.#flags, inputCount, 1);
    Atomics.store(this.#flags, inputFlag, 1);
    sendMessage({ type: "input_request", request: request.id, prompt, password });
  }

  /** An interrupt ended the wait: an answer that comes now belongs to nothing. */
  forget(): void {
    Atomics.store(this.#flags, inputFlag, 0);
  }
}

function textOf(answer: unknown): string {
  return typeof answer === "string" ? answer : "";
}

/** Milliseconds before `process.stdin` asks again: code that has what it wanted ends its cell meanwhile. */
const readAheadDelay = 50;

/** `process.stdin`: one line for each time that it runs empty; it ends with the cell that reads it. */
class InputStream extends Readable {
  readonly fd = 0;
  readonly isTTY = false;
  readonly #input: UserInput;
  #asked = false;

  constructor(input: UserInput) {
    super({ highWaterMark: 0 });
    this.#input = input;
  }

  override _read(): void {
    const wait = this.#asked ? readAheadDelay : 0;
    this.#asked = true;
    setTimeout(() => {
      this.#input.requestLater().then(
        (line) => this.push(line === undefined ? null : `${line}\n`),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    }, wait);
  }
}
