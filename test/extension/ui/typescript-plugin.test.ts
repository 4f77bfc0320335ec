/** @file VS Code's own TypeScript server with our plugin, asked as VS Code asks it. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import * as v from "valibot";
import { repositoryRoot } from "../../support/repository.ts";
import { vscodeServer } from "../support/vscode-server.ts";

const messageSchema = v.looseObject({
  type: v.string(),
  request_seq: v.optional(v.number()),
  success: v.optional(v.boolean()),
  message: v.optional(v.string()),
  body: v.optional(v.unknown()),
});
type Reply = v.InferOutput<typeof messageSchema>;

/** A TypeScript server over its own protocol. */
class TypescriptServer {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #seq = 0;

  constructor(node: string, program: string, plugins: string) {
    this.#process = spawn(
      node,
      [
        program,
        "--globalPlugins",
        "tenon-typescript-plugin",
        "--pluginProbeLocations",
        plugins,
        "--useInferredProjectPerProjectRoot",
        "--suppressDiagnosticEvents",
        "--disableAutomaticTypingAcquisition",
      ],
      { stdio: ["pipe", "pipe", "ignore"], cwd: tmpdir() },
    );
    assert.ok(this.#process.stdout);
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      if (!line.startsWith("{")) return;
      const message = v.parse(messageSchema, JSON.parse(line));
      if (message.request_seq !== undefined) this.#waiting.get(message.request_seq)?.(message);
    });
  }

  /** Sends a request that has no reply. */
  tell(command: string, args: Readonly<Record<string, unknown>>): number {
    this.#seq += 1;
    const request = { seq: this.#seq, type: "request", command, arguments: args };
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.#seq;
  }

  async ask(command: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(this.#seq + 1, resolve));
    this.tell(command, args);
    const { body, success, message } = await reply;
    assert.ok(success === true || message === "No content available.", `${command}: ${message}`);
    return body;
  }

  stop(): void {
    this.#process.kill();
  }
}

const cellFile = (notebook: string, cell: string): string =>
  `^/vscode-notebook-cell/ts-nul-authority/home/${notebook}#${cell}`;

describe("the plugin for VS Code's TypeScript server", function () {
  this.timeout(600_000);
  const ours = cellFile("ours.ipynb", "W0sZmlsZQ==");
  const next = cellFile("ours.ipynb", "W1sZmlsZQ==");
  const other = cellFile("other.ipynb", "W0sZmlsZQ==");
  const text = "%npm install x\nconst total: string = 1;\ntotal.\n";
  let server: TypescriptServer;

  before(async () => {
    const { node, entry } = await vscodeServer();
    const extensions = join(dirname(entry), "../../lib/vscode/extensions");
    server = new TypescriptServer(
      node,
      join(extensions, "node_modules/typescript/lib/tsserver.js"),
      repositoryRoot,
    );
    for (const file of [ours, other])
      server.tell("open", { file, fileContent: text, scriptKindName: "TS", projectRootPath: "/work" });
    server.tell("open", {
      file: next,
      fileContent: "const once = 1;\nonce;",
      scriptKindName: "TS",
      projectRootPath: "/work",
    });
  });
  after(() => server?.stop());

  const problems = async (file: string): Promise<number> => {
    const kinds = ["syntacticDiagnosticsSync", "semanticDiagnosticsSync", "suggestionDiagnosticsSync"];
    const found = await Promise.all(kinds.map(async (kind) => await server.ask(kind, { file })));
    return found.reduce<number>((sum, list) => sum + v.parse(v.array(v.unknown()), list).length, 0);
  };
  const at = { line: 3, offset: 7 };

  it("is quiet about all notebooks' cells until it knows ours", async () => {
    assert.equal(await problems(ours), 0);
    assert.equal(await problems(other), 0);
  });

  it("then about the cells of ours only", async () => {
    await server.ask("configurePlugin", {
      pluginName: "tenon-typescript-plugin",
      configuration: { notebooks: ["/home/ours.ipynb"] },
    });
    await delay(100);
    assert.equal(await problems(ours), 0);
    assert.ok((await problems(other)) > 0);
    assert.equal(await server.ask("completionInfo", { file: ours, ...at }), undefined);
    assert.notEqual(await server.ask("completionInfo", { file: other, ...at }), undefined);
    assert.deepEqual(await server.ask("quickinfo", { file: ours, line: 2, offset: 8 }), undefined);
    assert.notEqual(await server.ask("quickinfo", { file: other, line: 2, offset: 8 }), undefined);
  });

  it("does not strike through names that the browser's library calls deprecated", async () => {
    const fileContent = "const status = 'ready';\nstatus.length;\nname.length;";
    const files = {
      ours: cellFile("ours.ipynb", "W2sZmlsZQ=="),
      other: cellFile("other.ipynb", "W2sZmlsZQ=="),
    };
    for (const file of Object.values(files))
      server.tell("open", { file, fileContent, scriptKindName: "TS", projectRootPath: "/work" });
    const struck = async (file: string): Promise<boolean> => {
      const found = await server.ask("suggestionDiagnosticsSync", { file });
      return JSON.stringify(found).includes("reportsDeprecated");
    };
    assert.equal(await struck(files.other), true);
    assert.equal(await struck(files.ours), false);
    assert.equal(await problems(files.ours), 0);
    assert.doesNotMatch(JSON.stringify(await server.ask("navtree", { file: files.ours })), /deprecated/);
  });

  it("leaves what one cell is enough for, and formats no magics", async () => {
    const definition = await server.ask("definition", { file: next, line: 2, offset: 2 });
    assert.equal(v.parse(v.array(v.unknown()), definition).length, 1);
    const range = { line: 1, offset: 1, endLine: 4, endOffset: 1 };
    assert.deepEqual(await server.ask("format", { file: ours, ...range }), []);
    const symbols = await server.ask("navtree", { file: ours });
    assert.match(JSON.stringify(symbols), /total/);
  });
});
