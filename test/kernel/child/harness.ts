/**
 * @file Runs cells in a real child process, bundled as the build bundleFolder it.
 *
 * `TENON_CHILD_NODE` names another Node binary to test with.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { type BuildOptions, build } from "esbuild";
import { childModules, childPrograms, kernelBundle } from "../../../scripts/kernel-bundle.mjs";
import type {
  ChildMessage,
  ErrorContent,
  ExecuteMessage,
  MimeBundle,
} from "../../../kernel/child/protocol.ts";
import { compileCell } from "../../../kernel/compile/compile-cell.ts";
import { ChildProcess } from "../../../kernel/supervisor/child-process.ts";
import type { StartOptions } from "../../../kernel/supervisor/child-process.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Where the bundleFolder are, once a kernel was started. */
export const bundleFolder = join(root, "build", `child-${process.pid}`);
let built: Promise<void> | undefined;

async function buildChild(): Promise<void> {
  const options: BuildOptions = {
    absWorkingDir: root,
    outdir: bundleFolder,
    external: ["oxc-parser", "oxc-transform", "esbuild", "tenon", "tenon/*"],
    logLevel: "warning",
  };
  built ??= Promise.all([
    build({ ...kernelBundle, ...options, entryPoints: childPrograms }),
    build({
      ...options,
      bundle: true,
      platform: "node",
      entryPoints: childModules,
      format: "esm",
      target: "node20",
    }),
  ]).then(() => undefined);
  await built;
}

process.on("exit", () => rmSync(bundleFolder, { recursive: true, force: true }));

/** False for a process that has ended, reaped or not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}

/** What one cell did. Texts have no colours. */
export interface CellRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly result: MimeBundle | undefined;
  /** The result's `text/plain`. */
  readonly text: string | undefined;
  readonly error: ErrorContent | undefined;
  readonly traceback: string;
  readonly done: Extract<ChildMessage, { type: "done" }>;
  readonly messages: readonly ChildMessage[];
}

export interface RunOptions extends Partial<Omit<ExecuteMessage, "type" | "userExpressions">> {
  readonly userExpressions?: Readonly<Record<string, string>>;
}

/** A notebook folder with a child in it. */
export class TestKernel {
  readonly folder: string;
  readonly child: ChildProcess;
  /** Every message since the start. */
  readonly messages: ChildMessage[] = [];
  readonly #waiters = new Set<() => void>();
  #count = 0;

  private constructor(folder: string, options: Partial<StartOptions>) {
    this.folder = folder;
    const node = process.env["TENON_CHILD_NODE"];
    this.child = ChildProcess.start({
      childPath: join(bundleFolder, "child.cjs"),
      controlPath: join(bundleFolder, "child-control.cjs"),
      cwd: folder,
      ...(node === undefined ? {} : { nodePath: node }),
      ...options,
    });
    this.child.onMessage = (message) => {
      this.messages.push(message);
      for (const waiter of this.#waiters) waiter();
    };
  }

  static async start(options: Partial<StartOptions> = {}): Promise<TestKernel> {
    await buildChild();
    mkdirSync(join(root, "build"), { recursive: true });
    const kernel = new TestKernel(mkdtempSync(join(root, "build", "notebook-")), options);
    await kernel.message((message) => message.type === "ready");
    return kernel;
  }

  /** Writes a file below the notebook's folder. */
  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Compiles and runs a cell to its end. */
  async run(source: string, options: RunOptions = {}): Promise<CellRun> {
    return await this.finished(this.start(source, options));
  }

  /** Compiles and sends a cell; gives its request. */
  start(source: string, options: RunOptions = {}): string {
    this.#count += 1;
    const request = options.request ?? `request-${this.#count}`;
    const fileName = `tenon-cell:${this.#count}`;
    const compiled = compileCell(source, fileName);
    const userExpressions = Object.fromEntries(
      Object.entries(options.userExpressions ?? {}).map(([name, text]) => [
        name,
        compileCell(text, name).code,
      ]),
    );
    this.child.send({
      type: "execute",
      request,
      fileName,
      label: `Cell [${this.#count}]`,
      code: compiled.code,
      map: compiled.map,
      hideResult: compiled.hideResult,
      source,
      cellId: undefined,
      silent: false,
      allowStdin: false,
      ...options,
      userExpressions,
    });
    return request;
  }

  async finished(request: string): Promise<CellRun> {
    const isDone = (message: ChildMessage): boolean => message.type === "done" && message.request === request;
    await this.message(isDone);
    const messages = this.messages.filter((message) => "request" in message && message.request === request);
    const done = messages.find((message) => message.type === "done");
    if (done === undefined) throw new Error("no done");
    const result = messages.find((message) => message.type === "result")?.data;
    const plain = result?.["text/plain"];
    return {
      stdout: this.output(request, "stdout"),
      stderr: this.output(request, "stderr"),
      result,
      text: typeof plain === "string" ? stripVTControlCharacters(plain) : undefined,
      error: done.error,
      traceback: stripVTControlCharacters((done.error?.traceback ?? []).join("\n")),
      done,
      messages,
    };
  }

  /** What a request has printed until now, without colours. */
  output(request: string, name: "stdout" | "stderr"): string {
    const texts = this.messages.map((message) =>
      message.type === "stream" && message.request === request && message.name === name ? message.text : "",
    );
    return stripVTControlCharacters(texts.join(""));
  }

  /** The first message, past or to come, that fits. */
  async message<T extends ChildMessage>(
    fits: ((message: ChildMessage) => message is T) | ((message: ChildMessage) => boolean),
  ): Promise<T> {
    return await new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.messages.find(fits);
        if (found === undefined) return;
        this.#waiters.delete(look);
        // SAFETY: `fits` said so; with a plain predicate T is ChildMessage.
        resolve(found as T);
      };
      this.#waiters.add(look);
      look();
      void this.child.exited.then(({ reason }) =>
        reject(new Error(`the child ended: ${reason}\n${this.#errorOutput().slice(-3000)}`)),
      );
    });
  }

  #errorOutput(): string {
    const texts = this.messages.map((message) =>
      message.type === "stream" && message.name === "stderr" ? message.text : "",
    );
    return texts.join("");
  }

  async stop(): Promise<void> {
    this.child.kill();
    await this.child.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
