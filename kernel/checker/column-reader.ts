/**
 * @file The process that reads the columns of files, since neither the kernel nor the type checker may load a database.
 *
 * It is started when it is first needed and ends when it has had nothing to do for a while. Every question is settled,
 * whatever becomes of the process.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as v from "valibot";
import type { FileColumns } from "../../cells/tables/file-columns.ts";
import { type ColumnQuestion, columnAnswer, columnReaderVersion } from "./column-reader-protocol.ts";

export interface ColumnReaderOptions {
  /** The program that is run. */
  readonly program: string;
  /** The notebook's folder. */
  readonly directory: string;
  /** Milliseconds that a file may take. */
  readonly timeLimit?: number;
  /** Milliseconds without a question after which the process ends: it holds some 100 MB. */
  readonly idleLimit?: number;
}

/** The process ended or could not be started: nothing is known of the file, which may be fine. */
export class ColumnReaderError extends Error {
  override readonly name = "ColumnReaderError";
}

interface Pending {
  readonly resolve: (columns: FileColumns) => void;
  readonly reject: (error: ColumnReaderError) => void;
  readonly timer: NodeJS.Timeout;
}

export class ColumnReader {
  readonly #options: Required<ColumnReaderOptions>;
  #process: ChildProcess | undefined;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ColumnReaderOptions) {
    this.#options = { timeLimit: 10_000, idleLimit: 60_000, ...options };
  }

  /** The process, while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the process, so that it is there when a file is asked for. */
  prepare(): void {
    if (this.#closed) return;
    this.#start();
    this.#endWhenIdle();
  }

  /**
   * The columns of a file or pattern, by its absolute path.
   * @throws {ColumnReaderError} where the process ends before it has answered.
   */
  async read(path: string): Promise<FileColumns> {
    if (this.#closed) throw new ColumnReaderError("the kernel has ended");
    clearTimeout(this.#idle);
    const process = this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    return await new Promise<FileColumns>((resolve, reject) => {
      const { timeLimit } = this.#options;
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        resolve({ problem: `looking at it took longer than ${timeLimit / 1000} s` });
        this.#drop(process, "what reads tables was stopped, since another file took too long");
      }, timeLimit);
      timer.unref();
      this.#pending.set(id, { resolve, reject, timer });
      const question: ColumnQuestion = { id, path };
      process.stdin?.write(`${JSON.stringify(question)}\n`);
    });
  }

  /** Ends the process. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#idle);
    if (this.#process !== undefined) this.#drop(this.#process, "the kernel has ended");
  }

  #start(): ChildProcess {
    if (this.#process !== undefined) return this.#process;
    const { program, directory } = this.#options;
    const started = spawn(process.execPath, [program], {
      cwd: directory,
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
    });
    this.#process = started;
    // Its own end shows in its exit; what is written to it then is lost with the question.
    started.stdin.on("error", () => undefined);
    started.on("error", (error) => this.#drop(started, `what reads tables does not start: ${error.message}`));
    started.on("exit", (code, signal) =>
      this.#drop(started, `what reads tables has ended (${signal ?? `exit ${code}`})`),
    );
    createInterface({ input: started.stdout }).on("line", (line) => this.#receive(started, line));
    started.unref();
    for (const stream of [started.stdin, started.stdout]) {
      // SAFETY: a child's pipes are sockets, which have unref; the stream types do not say so.
      (stream as { unref?: () => void }).unref?.();
    }
    return started;
  }

  #receive(from: ChildProcess, line: string): void {
    if (from !== this.#process) return;
    const parsed = v.safeParse(columnAnswer, parseJson(line));
    if (!parsed.success) return;
    const answer = parsed.output;
    if (answer.type === "ready") {
      if (answer.version !== columnReaderVersion)
        this.#drop(from, "Tenon was updated: restart the kernel to know columns again");
      return;
    }
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    this.#pending.delete(answer.id);
    clearTimeout(pending.timer);
    pending.resolve(answer.type === "columns" ? { columns: answer.columns } : { problem: answer.problem });
    this.#endWhenIdle();
  }

  /** Lets go of a process; the next question starts another one. */
  #drop(dropped: ChildProcess, problem: string): void {
    if (dropped !== this.#process) return;
    this.#process = undefined;
    clearTimeout(this.#idle);
    dropped.kill("SIGKILL");
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject, timer } of pending) {
      clearTimeout(timer);
      reject(new ColumnReaderError(problem));
    }
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idle);
    if (this.#pending.size > 0) return;
    const { idleLimit } = this.#options;
    this.#idle = setTimeout(() => {
      if (this.#process !== undefined) this.#drop(this.#process, "");
    }, idleLimit);
    this.#idle.unref();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
