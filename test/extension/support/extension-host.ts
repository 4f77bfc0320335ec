/**
 * @file Runs the suites of `test/extension/host/` inside an extension host: the desktop's VS Code where there is one, else
 * the one that npm carries, driven by Chromium.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTests } from "@vscode/test-electron";
import { type BuildOptions, build } from "esbuild";
import * as v from "valibot";
import { startChromium } from "../../support/chromium.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { within } from "../../support/settle.ts";
import { type HostResult, hostResultsSchema } from "../host/result.ts";
import { desktopVscode } from "./desktop-vscode.ts";
import { WorkbenchServer } from "./workbench-server.ts";

const patience = 120_000;
const sources = join(repositoryRoot, "test/extension/host");
const bundles = join(repositoryRoot, "build/extension-host");

/** How the suites ended: the code that VS Code ended with, and what became of each test. */
export interface HostRun {
  readonly code: number;
  readonly results: readonly HostResult[];
}

/** Runs all suites in an extension host, on an empty workspace. */
export async function runInExtensionHost(): Promise<HostRun> {
  await bundleSuites();
  const folder = mkdtempSync(join(tmpdir(), "tenon-host-"));
  const resultsPath = join(folder, "results.json");
  writeFileSync(resultsPath, "[]");
  const env = { TENON_HOST_RESULTS: resultsPath };
  const desktop = desktopVscode();
  try {
    const code = desktop === undefined ? await runInServer(env) : await runOnDesktop(desktop, folder, env);
    return {
      code,
      results: v.parse(hostResultsSchema, JSON.parse(readFileSync(resultsPath, "utf8"))),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

async function bundleSuites(): Promise<void> {
  rmSync(bundles, { recursive: true, force: true });
  mkdirSync(bundles, { recursive: true });
  const options: BuildOptions = {
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode", "mocha"],
    define: { "import.meta.dirname": "__dirname" },
    sourcemap: "inline",
    logLevel: "warning",
  };
  const suites = readdirSync(sources).filter((name) => name.endsWith(".suite.ts"));
  const imports = suites.map((name) => `import ${JSON.stringify(`./${name}`)};`).join("\n");
  await build({
    ...options,
    entryPoints: [join(sources, "index.ts")],
    outfile: join(bundles, "index.cjs"),
  });
  await build({
    ...options,
    stdin: { contents: imports, resolveDir: sources, sourcefile: "suites.ts", loader: "ts" },
    outfile: join(bundles, "suites.cjs"),
  });
}

type Environment = Readonly<Record<string, string>>;

async function runOnDesktop(program: string, folder: string, env: Environment): Promise<number> {
  const workspace = join(folder, "workspace");
  mkdirSync(workspace);
  return await runTests({
    vscodeExecutablePath: program,
    extensionDevelopmentPath: repositoryRoot,
    extensionTestsPath: join(bundles, "index.cjs"),
    extensionTestsEnv: { ...env },
    launchArgs: [
      workspace,
      "--disable-extensions",
      "--disable-workspace-trust",
      `--user-data-dir=${join(folder, "user")}`,
    ],
  });
}

async function runInServer(env: Environment): Promise<number> {
  const server = await WorkbenchServer.start({ smokeTestDriver: true });
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    const remote = (path: string): string => `vscode-remote://${new URL(server.url).host}${path}`;
    const payload = JSON.stringify([
      ["extensionDevelopmentPath", remote(repositoryRoot)],
      ["extensionTestsPath", remote(join(bundles, "index.cjs"))],
      ["extensionEnvironment", JSON.stringify(env)],
    ]);
    // What the workbench's driver calls in the page.
    const ended = new Promise<number>((resolve, reject) => {
      page.exposeFunction("codeAutomationLog", () => undefined).catch(reject);
      page.exposeFunction("codeAutomationExit", resolve).catch(reject);
      page.once("crash", () => {
        reject(new Error("the page crashed"));
      });
    });
    const query = new URLSearchParams({ folder: server.workspace, payload });
    await page.goto(`${server.url}/?${query.toString()}`);
    return await within(ended, patience, `VS Code's tests did not end:\n${server.log()}`);
  } finally {
    await browser.close();
    await server.stop();
  }
}
