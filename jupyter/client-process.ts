/**
 * @file A kernel's process and its connection file.
 *
 * The file is readable by this user only and lives in a directory of its own, removed with the process. The kernel
 * leads its own process group: a Ctrl-C in the terminal does not reach it, and the whole tree is ended at once. It does
 * not outlive this process (unless this process is killed outright), except where that is asked for.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { KernelStartError } from "./client-errors.ts";
import { LogFile } from "./client-log-file.ts";
import { type KernelExit, type ProcessHandle, childHandle, foreignHandle } from "./client-process-handle.ts";
import type { ConnectionInfo } from "./connection-file.ts";

/** How a kernel is started. */
export interface KernelCommand {
  /** Program and arguments; `{connection_file}` and `{resource_dir}` are filled in. */
  readonly argv: readonly string[];
  readonly cwd?: string | undefined;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The kernelspec's directory, for `{resource_dir}`. */
  readonly resourceDir?: string | undefined;
  /** What the kernel writes to its own stdout and stderr: its log, not its cells' output. */
  readonly onLog?: ((text: string) => void) | undefined;
  /** It goes on when this process ends, and can be found again by its process id and connection file. */
  readonly outlives?: boolean | undefined;
}

/** Where a kernel that goes on is found again. */
export interface KernelPlace {
  readonly pid: number;
  readonly connectionFile: string;
}

const logLimit = 16_384;
const running = new Set<KernelProcess>();
let watchingExit = false;

/** The name of the log of a kernel that goes on, beside its connection file. */
const logName = "kernel.log";

/** A started kernel. */
export class KernelProcess {
  readonly connectionFile: string;
  /** Resolves when the process has ended. */
  readonly exited: Promise<KernelExit>;
  readonly #handle: ProcessHandle;
  readonly #logFile: LogFile | undefined;
  #log = "";
  #exit: KernelExit | undefined;

  private constructor(handle: ProcessHandle, connectionFile: string, logFile?: LogFile) {
    this.#handle = handle;
    this.connectionFile = connectionFile;
    this.#logFile = logFile;
    this.exited = handle.exited.then((exit) => {
      this.#exit = exit;
      running.delete(this);
      logFile?.close();
      return exit;
    });
  }

  /** A kernel that another process has left running. */
  static adopt({ pid, connectionFile }: KernelPlace, onLog: KernelCommand["onLog"]): KernelProcess {
    const logFile = new LogFile(join(dirname(connectionFile), logName), onLog);
    return new KernelProcess(foreignHandle(pid), connectionFile, logFile);
  }

  /** Writes the connection file and spawns the kernel. @throws {KernelStartError} where the program cannot run. */
  static async spawn(info: ConnectionInfo, command: KernelCommand): Promise<KernelProcess> {
    const directory = await mkdtemp(join(tmpdir(), "tenon-kernel-"));
    const file = join(directory, "connection.json");
    await writeFile(file, JSON.stringify(info), { mode: 0o600 });
    const [program, ...args] = command.argv.map((argument) =>
      argument
        .replaceAll("{connection_file}", file)
        .replaceAll("{resource_dir}", command.resourceDir ?? directory),
    );
    const { cwd, onLog, outlives = false } = command;
    const logPath = join(directory, logName);
    const log = outlives ? openSync(logPath, "a", 0o600) : undefined;
    try {
      if (program === undefined) throw new Error("the kernel's argv is empty");
      const child = spawn(program, args, {
        ...(cwd === undefined ? {} : { cwd }),
        // ipykernel and others end when the process named here is gone.
        env: { ...process.env, JPY_PARENT_PID: outlives ? "" : String(process.pid), ...command.env },
        stdio: ["ignore", log ?? "pipe", log ?? "pipe"],
        detached: process.platform !== "win32",
        windowsHide: true,
      });
      await new Promise<void>((resolve, reject) => {
        child.once("spawn", resolve);
        child.once("error", reject);
      });
      if (outlives) {
        child.unref();
        return new KernelProcess(childHandle(child), file, new LogFile(logPath, onLog));
      }
      const kernel = new KernelProcess(childHandle(child), file);
      kernel.#listen(child, onLog);
      return kernel;
    } catch (cause) {
      await rm(directory, { recursive: true, force: true });
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new KernelStartError(`the kernel could not be started: ${reason}`, { cause });
    } finally {
      if (log !== undefined) closeSync(log);
    }
  }

  get pid(): number | undefined {
    return this.#handle.pid;
  }

  /** How it ended; `undefined` while it runs. */
  get exit(): KernelExit | undefined {
    return this.#exit;
  }

  /** The last of what the kernel wrote to its stdout and stderr. */
  get log(): string {
    return (this.#logFile?.end(logLimit) ?? this.#log).trimEnd();
  }

  /** How it ended, in words for an error message, with the last lines of its log. */
  describeExit(): string {
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    const how = signal === null ? (code === null ? "" : ` with code ${code}`) : ` by ${signal}`;
    const lines = this.log.split("\n").slice(-20).join("\n");
    return lines === "" ? `ended${how}` : `ended${how}; it wrote:\n${lines}`;
  }

  /** The interrupt of kernels whose kernelspec says `interrupt_mode: "signal"`. */
  interrupt(): void {
    const { pid } = this.#handle;
    if (this.#exit === undefined && pid !== undefined) process.kill(pid, "SIGINT");
  }

  /** Waits up to `patience` ms for the process to end by itself, then ends the whole tree, and removes its files. */
  async stop(patience: number): Promise<KernelExit> {
    let timer: NodeJS.Timeout | undefined;
    const patienceOver = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([this.exited, patienceOver]);
    clearTimeout(timer);
    // Also when it ended in peace: what it started may be left in its group.
    this.killTree();
    const exit = await this.exited;
    this.#logFile?.close();
    await rm(dirname(this.connectionFile), { recursive: true, force: true });
    return exit;
  }

  /** Leaves a kernel that goes on to itself. */
  leave(): void {
    this.#logFile?.close();
  }

  /** Ends the kernel and what it started, at once. */
  killTree(): void {
    const { pid } = this.#handle;
    if (pid === undefined) return;
    try {
      if (process.platform !== "win32") process.kill(-pid, "SIGKILL");
      else if (this.#exit === undefined) {
        execFileSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
      }
    } catch {
      // The group is gone already.
    }
  }

  #listen(child: ChildProcess, onLog: KernelCommand["onLog"]): void {
    const keep = (chunk: Buffer): void => {
      const text = chunk.toString();
      this.#log = (this.#log + text).slice(-logLimit);
      onLog?.(text);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    running.add(this);
    endKernelsWithThisProcess();
  }
}

function endKernelsWithThisProcess(): void {
  if (watchingExit) return;
  watchingExit = true;
  process.on("exit", () => {
    for (const kernel of running) kernel.killTree();
  });
}
