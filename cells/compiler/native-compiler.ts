/**
 * @file A running native compiler that answers API requests.
 *
 * It speaks the wire format of `typescript/unstable/sync` of the pinned version, but without that module: loading it
 * costs 55 ms and 11 MiB, and it blocks its thread. Requests are answered in the order in which they were made.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { compilerExecutable } from "./executable.ts";
import { FrameReader, encodeFrame, frameKind } from "./frames.ts";

/** The native compiler ended: it was interrupted, it crashed, or it was never there. */
export class CheckerStoppedError extends Error {
  override readonly name = "CheckerStoppedError";
  /** True where it was ended on purpose; false where it crashed or never started. */
  readonly onPurpose: boolean;

  constructor(message: string, options: ErrorOptions & { readonly onPurpose?: boolean } = {}) {
    super(message, options);
    this.onPurpose = options.onPurpose ?? false;
  }
}

/** The compiler refused a request. */
export class CompilerRequestError extends Error {
  override readonly name = "CompilerRequestError";
}

interface Pending {
  readonly resolve: (payload: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface NativeCompilerOptions {
  readonly directory: string;
  /**
   * Where the compiler's garbage collector starts to work, in MiB. Below it nothing is collected, which halves the
   * start; a program whose live data lies above it makes the collector run all the time.
   */
  readonly memoryLimit: number;
}

export class NativeCompiler {
  readonly #process: ChildProcess;
  readonly #pending: Pending[] = [];
  #stopped: CheckerStoppedError | undefined;

  constructor({ directory, memoryLimit }: NativeCompilerOptions) {
    this.#process = spawn(compilerExecutable(), ["--api", "--cwd", directory], {
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
      env: { ...process.env, GOGC: "off", GOMEMLIMIT: `${memoryLimit}MiB` },
    });
    this.#process.on("error", (cause) => this.#stop("the type checker could not be started", cause));
    this.#process.on("exit", (code, signal) =>
      this.#stop(`the type checker stopped (${signal ?? `exit ${code}`})`),
    );
    this.#process.stdin?.on("error", (cause) => this.#stop("the type checker stopped reading", cause));
    const reader = new FrameReader(({ kind, method, payload }) => {
      const pending = this.#pending.shift();
      if (kind === frameKind.response) pending?.resolve(payload === "" ? undefined : JSON.parse(payload));
      else pending?.reject(new CompilerRequestError(`${method}: ${payload}`));
    });
    this.#process.stdout?.on("data", (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (cause) {
        this.#stop("the type checker sent what this version of Tenon does not understand", cause);
        this.#process.kill("SIGKILL");
      }
    });
    // Waiting for requests is no reason to keep the process alive; requests are.
    this.#hold(false);
  }

  /** False once the process has ended. */
  get running(): boolean {
    return this.#stopped === undefined;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /**
   * Asks the compiler.
   * @throws {CheckerStoppedError} where it ends before it has answered.
   * @throws {CompilerRequestError} where it answers with an error.
   */
  async request(method: string, parameters: unknown): Promise<unknown> {
    if (this.#stopped !== undefined) throw this.#stopped;
    return await new Promise<unknown>((resolve, reject) => {
      if (this.#pending.length === 0) this.#hold(true);
      const settle = (): void => {
        if (this.#pending.length === 0) this.#hold(false);
      };
      this.#pending.push({
        resolve: (payload) => {
          settle();
          resolve(payload);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#process.stdin?.write(encodeFrame(frameKind.request, method, JSON.stringify(parameters)));
    });
  }

  /** Ends the process at once; what is still asked rejects with {@link CheckerStoppedError}. */
  kill(): void {
    this.#stop("the type checker was stopped", undefined, true);
    this.#process.kill("SIGKILL");
  }

  #stop(message: string, cause?: unknown, onPurpose = false): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = new CheckerStoppedError(message, { cause, onPurpose });
    for (const { reject } of this.#pending.splice(0)) reject(this.#stopped);
  }

  #hold(held: boolean): void {
    for (const handle of [this.#process, this.#process.stdin, this.#process.stdout]) {
      // SAFETY: a child's pipes are sockets, which have ref and unref; the stream types do not say so.
      const referenced = handle as { ref?: () => void; unref?: () => void } | null;
      if (held) referenced?.ref?.();
      else referenced?.unref?.();
    }
  }
}
