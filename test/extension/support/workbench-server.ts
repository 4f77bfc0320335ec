/** @file One running VS Code server: a folder of its own with user data, settings and workspace, on a loopback port. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type KernelRecord, KernelRecords } from "../../../extension/kernels/kernel-records.ts";
import { vscodeServer } from "./vscode-server.ts";

/** VS Code's user settings. */
export type Settings = Readonly<Record<string, unknown>>;

export interface WorkbenchServerOptions {
  /** The folder of installed extensions; none are installed without it. */
  readonly extensions?: string;
  readonly settings?: Settings;
  /** False asks for trust in the workspace, as VS Code does by default. */
  readonly trusted?: boolean;
  /** Runs test suites inside the extension host; notifications don't show then. */
  readonly smokeTestDriver?: boolean;
  /** Where user data are kept; by default a temporary folder that ends with the server. */
  readonly folder?: string;
}

const startPatience = 120_000;
const stopPatience = 10_000;

/**
 * Quiet, and nothing of the network. `files.autoSave` is on in browsers, which would rewrite notebooks. One server for TypeScript is
 * enough: the second answers sooner while the first starts.
 */
const baseSettings: Settings = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "telemetry.telemetryLevel": "off",
  "remote.autoForwardPorts": false,
  "files.autoSave": "off",
  "git.enabled": false,
  "js/ts.tsserver.useSyntaxServer": "never",
  "js/ts.tsserver.automaticTypeAcquisition.enabled": false,
};

export class WorkbenchServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The workspace's folder. */
  readonly workspace: string;
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #isTemporary: boolean;
  readonly #killAtExit: () => void;

  private constructor(url: string, folder: string, process: ChildProcess, options: WorkbenchServerOptions) {
    this.url = url;
    this.workspace = join(folder, "workspace");
    this.#folder = folder;
    this.#process = process;
    this.#isTemporary = options.folder === undefined;
    this.#killAtExit = () => {
      this.#kill("SIGKILL");
      for (const { pid } of this.kernels()) killGroup(pid, "SIGKILL");
      this.#removeFolder();
    };
    globalThis.process.once("exit", this.#killAtExit);
  }

  /** Starts a server and waits until it answers. */
  static async start(options: WorkbenchServerOptions = {}): Promise<WorkbenchServer> {
    const { node, entry } = await vscodeServer();
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), "tenon-workbench-"));
    mkdirSync(join(folder, "workspace"), { recursive: true });
    mkdirSync(join(folder, "user/User"), { recursive: true });
    const settings = { ...baseSettings, ...options.settings };
    writeFileSync(join(folder, "user/User/settings.json"), JSON.stringify(settings));
    const port = await freePort();
    const log = openSync(join(folder, "server.log"), "w");
    const process = spawn(node, serverArguments(entry, port, folder, options), {
      stdio: ["ignore", log, log],
      detached: true,
      env: serverEnvironment(folder),
    });
    const server = new WorkbenchServer(`http://127.0.0.1:${port}`, folder, process, options);
    try {
      await server.#answers();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** The process that all others descend from. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** What the server has written to its log. */
  log(): string {
    return readFileSync(join(this.#folder, "server.log"), "utf8");
  }

  /** The folder that the extension keeps things in for all workspaces. */
  get globalStorage(): string {
    return join(this.#folder, "user/User/globalStorage/tenon.tenon");
  }

  /** The server's processes, without kernels. */
  processes(): readonly number[] {
    const rows = execFileSync("ps", ["-eo", "pid=,pgid="], { encoding: "utf8" }).trim().split("\n");
    return rows.flatMap((row) => {
      const [pid, group] = row.trim().split(/\s+/).map(Number);
      return pid !== undefined && group === this.#process.pid ? [pid] : [];
    });
  }

  /** The kernels that run for notebooks of this server, also those that no window has. */
  kernels(): readonly KernelRecord[] {
    return new KernelRecords(join(this.globalStorage, "kernels"), "").running();
  }

  /** Ends the server with all its processes, and deletes its folder. */
  async stop(): Promise<void> {
    globalThis.process.off("exit", this.#killAtExit);
    const child = this.#process;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => {
        child.once("exit", () => {
          resolve();
        });
      });
      this.#kill("SIGTERM");
      await Promise.race([ended, delay(stopPatience, undefined, { ref: false })]);
    }
    this.#kill("SIGKILL");
    for (const { pid } of this.kernels()) killGroup(pid, "SIGKILL");
    this.#removeFolder();
  }

  #removeFolder(): void {
    if (this.#isTemporary)
      rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  async #answers(): Promise<void> {
    const end = performance.now() + startPatience;
    while (performance.now() < end && this.#process.exitCode === null) {
      try {
        const response = await fetch(`${this.url}/healthz`);
        if (response.ok) return;
      } catch {
        // Not listening yet.
      }
      await delay(50);
    }
    throw new Error(`The VS Code server did not start:\n${this.log()}`);
  }

  #kill(signal: NodeJS.Signals): void {
    if (this.#process.pid !== undefined) killGroup(this.#process.pid, signal);
  }
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

function serverArguments(
  entry: string,
  port: number,
  folder: string,
  {
    extensions = join(folder, "extensions"),
    trusted = true,
    smokeTestDriver = false,
  }: WorkbenchServerOptions,
): readonly string[] {
  return [
    entry,
    `--bind-addr=127.0.0.1:${port}`,
    `--user-data-dir=${join(folder, "user")}`,
    `--extensions-dir=${extensions}`,
    "--auth=none",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
    "--disable-proxy",
    "--ignore-last-opened",
    ...(trusted ? ["--disable-workspace-trust"] : []),
    ...(smokeTestDriver ? ["--vscode-option=enable-smoke-test-driver"] : []),
  ];
}

function serverEnvironment(folder: string): NodeJS.ProcessEnv {
  // The variables of mocha's own loader would reach the extension host and the kernels.
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  return {
    ...inherited,
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, "config"),
    XDG_DATA_HOME: join(folder, "data"),
    XDG_CACHE_HOME: join(folder, "cache"),
    EXTENSIONS_GALLERY: "{}",
  };
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
      .once("error", reject)
      .listen(0, "127.0.0.1", () => {
        const address = server.address();
        server.close(() => {
          if (typeof address === "object" && address !== null) resolve(address.port);
          else reject(new Error("no free port"));
        });
      });
  });
}
