/** @file The Python program that measures the floor, as a process that answers one question at a time. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { type Interface, createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import * as v from "valibot";
import { pythonEnvironment } from "../../support/python-environment.ts";
import { within } from "../../support/settle.ts";

export type PeerAction = "cold" | "warm" | "stop" | "load" | "page" | "filter" | "sort" | "profile";

const answerSchema = v.object({ ms: v.number() });
const patience = 60_000;

export class PythonPeer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  private constructor(process: ChildProcessByStdio<Writable, Readable, null>) {
    this.#process = process;
    this.#reader = createInterface({ input: process.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Starts the program; its packages are installed where they are not yet. */
  static async start(): Promise<PythonPeer> {
    const { python, env } = await pythonEnvironment(
      "bench-editor",
      join(import.meta.dirname, "requirements.txt"),
    );
    const program = join(import.meta.dirname, "python_peer.py");
    return new PythonPeer(
      spawn(python, [program], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...env } }),
    );
  }

  /** Milliseconds that an action takes there. */
  async time(action: PeerAction, argument = ""): Promise<number> {
    this.#process.stdin.write(`${JSON.stringify({ action, argument })}\n`);
    const line = await within(this.#lines.next(), patience, `no answer to "${action}" from Python`);
    if (line.done === true) throw new Error(`Python ended before it answered "${action}"`);
    return v.parse(answerSchema, JSON.parse(line.value)).ms;
  }

  /** Ends the program. */
  stop(): void {
    this.#reader.close();
    this.#process.kill();
  }
}
