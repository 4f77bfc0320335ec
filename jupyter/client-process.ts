/**
 * @file A kernel's process and its connection file.
 *
 * The file is readable by this user only and lives in a directory of its own, removed with the process. The kernel
 * leads its own process group: a Ctrl-C in the terminal does not reach it, and the whole tree is ended at once; it
 * does not outlive this process unless this process is killed outright.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KernelStartError } from "./client-errors.ts";
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
}

/** How a kernel process ended. */
export interface KernelExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const logLimit = 16_384;
const running = new Set<KernelProcess>();
let watchingExit = false;

/** A started kernel. */
export class KernelProcess {
  readonly connectionFile: string;
  /** Resolves when the process has ended. */
  readonly exited: Promise<KernelExit>;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #log = "";
  #exit: KernelExit | undefined;

  private constructor(
    child: ChildProcess,
    directory: string,
    connectionFile: string,
    command: KernelCommand,
  ) {
    this.#child = child;
    this.#directory = directory;
    this.connectionFile = connectionFile;
    const keep = (chunk: Buffer): void => {
      const text = chunk.toString();
      this.#log = (this.#log + text).slice(-logLimit);
      command.onLog?.(text);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#exit = { code, signal };
        running.delete(this);
        resolve(this.#exit);
      });
    });
    running.add(this);
    endKernelsWithThisProcess();
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
    try {
      if (program === undefined) throw new Error("the kernel's argv is empty");
      const child = spawn(program, args, {
        ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
        // ipykernel and others end when the process named here is gone.
        env: { ...process.env, JPY_PARENT_PID: String(process.pid), ...command.env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: process.platform !== "win32",
        windowsHide: true,
      });
      await new Promise<void>((resolve, reject) => {
        child.once("spawn", resolve);
        child.once("error", reject);
      });
      return new KernelProcess(child, directory, file, command);
    } catch (cause) {
      await rm(directory, { recursive: true, force: true });
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new KernelStartError(`the kernel could not be started: ${reason}`, { cause });
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** How it ended; `undefined` while it runs. */
  get exit(): KernelExit | undefined {
    return this.#exit;
  }

  /** The last of what the kernel wrote to its stdout and stderr. */
  get log(): string {
    return this.#log.trimEnd();
  }

  /** How it ended, in words for an error message, with the last lines of its log. */
  describeExit(): string {
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    const how = signal === null ? `with code ${code ?? "unknown"}` : `by ${signal}`;
    const lines = this.log.split("\n").slice(-20).join("\n");
    return lines === "" ? `ended ${how}` : `ended ${how}; it wrote:\n${lines}`;
  }

  /** The interrupt of kernels whose kernelspec says `interrupt_mode: "signal"`. */
  interrupt(): void {
    if (this.#exit === undefined) this.#child.kill("SIGINT");
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
    await rm(this.#directory, { recursive: true, force: true });
    return exit;
  }

  /** Ends the kernel and what it started, at once. */
  killTree(): void {
    const { pid } = this.#child;
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
}

function endKernelsWithThisProcess(): void {
  if (watchingExit) return;
  watchingExit = true;
  process.on("exit", () => {
    for (const kernel of running) kernel.killTree();
  });
}
