/**
 * @file Input from the user: `prompt`, `confirm`, `alert` and `process.stdin`.
 *
 * The main thread blocks until the frontend has answered; the control thread receives the answer, and an interrupt
 * ends the wait.
 */
import { Readable } from "node:stream";
import { receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { currentRequest } from "./cell-request.ts";
import { inputFlag } from "./interrupt-state.ts";
import { sendMessage } from "./output.ts";

/** The frontend that runs the cell takes no input, for example in a batch run. */
export class InputUnavailableError extends Error {
  override readonly name = "InputUnavailableError";
}

export class UserInput {
  readonly #flags: Int32Array;
  readonly #answers: MessagePort;

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
      const text = [String(message), preset === "" ? "" : `[${preset}]`].filter((part) => part !== "").join(" ");
      return this.request(text === "" ? "" : `${text} `) || preset;
    });
    define(globalThis, "confirm", (message: unknown = "") => {
      const answer = this.request(`${String(message)} [y/N] `);
      return /^\s*(?:y|yes|true|ok)\s*$/i.test(answer);
    });
    define(globalThis, "alert", (message: unknown = "") => {
      this.request(`${String(message)} [Enter] `);
    });
    define(process, "stdin", new InputStream(this));
  }

  /** Asks the frontend for one line and waits for it. */
  request(prompt: string, password = false): string {
    const request = currentRequest();
    if (!request.allowStdin || request.end === undefined) {
      throw new InputUnavailableError(
        request.end === undefined && request.allowStdin
          ? "Input can be asked for while a cell runs only."
          : "This frontend does not take input: give the value in the code, or run the notebook where it can ask.",
      );
    }
    while (receiveMessageOnPort(this.#answers) !== undefined);
    Atomics.store(this.#flags, inputFlag, 1);
    sendMessage({ type: "input_request", request: request.id, prompt, password });
    for (;;) {
      const state = Atomics.load(this.#flags, inputFlag);
      if (state === 0) break;
      Atomics.wait(this.#flags, inputFlag, state);
    }
    const answer: unknown = receiveMessageOnPort(this.#answers)?.message;
    return typeof answer === "string" ? answer : "";
  }

  /** An interrupt ended the wait: an answer that comes now belongs to nothing. */
  forget(): void {
    Atomics.store(this.#flags, inputFlag, 0);
  }
}

/** `process.stdin`: one line for each time that it runs empty. */
class InputStream extends Readable {
  readonly fd = 0;
  readonly isTTY = false;
  readonly #input: UserInput;

  constructor(input: UserInput) {
    super({ highWaterMark: 0 });
    this.#input = input;
  }

  override _read(): void {
    setImmediate(() => {
      try {
        this.push(`${this.#input.request("")}\n`);
      } catch (error) {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }
}
