/** @file A process that is compared, asked one request after another. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { type Interface, createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import * as v from "valibot";
import { within } from "../../support/settle.ts";
import type { TrainCaseName } from "./cases.ts";
import {
  type Loaded,
  type Ran,
  type SubjectRequest,
  failedSchema,
  loadedSchema,
  ranSchema,
} from "./subject-protocol.ts";

/** How the process is started. */
export interface SubjectCommand {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/** A subject could not do what it was asked, or did not answer. */
export class SubjectFailedError extends Error {
  override readonly name = "SubjectFailedError";
}

/** A process of a subject. It may not outlive the benchmark: {@link stop} it. */
export class SubjectProcess {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #reader: Interface;
  readonly #lines: AsyncIterator<string>;
  #complaint = "";

  constructor({ argv: [program, ...rest], env }: SubjectCommand) {
    this.#process = spawn(program, rest, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.#process.on("error", ({ message }) => (this.#complaint = message));
    this.#process.stdin.on("error", ({ message }) => (this.#complaint ||= message));
    this.#process.stderr.on("data", (chunk: Buffer) => {
      this.#complaint = lastLine(String(chunk)) ?? this.#complaint;
    });
    this.#reader = createInterface({ input: this.#process.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Builds a case. Compiling may take minutes. */
  async load(name: TrainCaseName): Promise<Loaded> {
    return v.parse(loadedSchema, await this.#ask({ load: name }, 600_000));
  }

  /** Runs steps; `patience` in milliseconds. */
  async run(steps: number, patience: number): Promise<Ran> {
    return v.parse(ranSchema, await this.#ask({ run: steps }, patience));
  }

  /** Ends the process. */
  stop(): void {
    this.#reader.close();
    this.#process.kill("SIGKILL");
  }

  async #ask(request: SubjectRequest, patience: number): Promise<unknown> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await within(this.#lines.next(), patience, `no answer in ${patience / 1000} s`);
    if (line.done === true)
      throw new SubjectFailedError(`the process ended${this.#complaint && `: ${this.#complaint}`}`);
    const answer: unknown = JSON.parse(line.value);
    if (v.is(failedSchema, answer)) throw new SubjectFailedError(answer.error);
    return answer;
  }
}

function lastLine(text: string): string | undefined {
  return text.split("\n").findLast((line) => line.trim() !== "");
}
