/** @file Does what `tenon run` is asked: files, parameters, kernel, signals, and the closing words. */
import { existsSync } from "node:fs";
import { basename, dirname, extname, relative, resolve } from "node:path";
import { KernelClient } from "../../jupyter/client.ts";
import { KernelStartError } from "../../jupyter/client-errors.ts";
import { type Notebook, joinText, setSorted, upgradeNotebook } from "../../jupyter/notebook-file.ts";
import { kernelArgv } from "../../jupyter/kernelspec.ts";
import type { RunOptions } from "../commands/run.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { type Installation, findInstallation } from "../installation.ts";
import { Terminal, formatDuration } from "../terminal.ts";
import { NotebookRunner, type CellResult, type RunStatus } from "./notebook-runner.ts";
import { PapermillMetadata } from "./papermill-metadata.ts";
import { defaultParameters, injectParameters, parseParameters } from "./parameters.ts";
import { ProgressReport } from "./progress-report.ts";
import {
  type RunFiles,
  loadNotebook,
  prepareFolder,
  resolveRunFiles,
  saveNotebook,
  savePage,
} from "./run-files.ts";

/** Runs the notebook; resolves with the exit code. @throws {CommandFailure} */
export async function run(notebookPath: string, options: RunOptions): Promise<number> {
  const given = parseParameters(options.param);
  const files = resolveRunFiles(notebookPath, options.out, options.html);
  const installation = findInstallation();
  const notebook = await loadNotebook(files.input);
  upgradeNotebook(notebook);
  const defaults = defaultParameters(notebook);
  const injection = injectParameters(notebook, given);
  clearOutputs(notebook);

  const terminal = new Terminal(options.json === true ? process.stderr : process.stdout);
  const report = new ProgressReport(terminal, NotebookRunner.countCells(notebook));
  for (const warning of injection.warnings) report.note(`${terminal.style("yellow", "warning:")} ${warning}`);
  const metadata = new PapermillMetadata(notebook, {
    version: installation.version,
    inputPath: shortPath(files.input),
    outputPath: shortPath(files.output),
    defaultParameters: defaults,
    parameters: injection.values,
  });
  const save = (): Promise<void> => saveNotebook(files.output, notebook);
  // Before anything runs: an hour of training must not end in a path that can't be written.
  await prepareFolder(files.output);
  if (files.html !== undefined) await prepareFolder(files.html);
  await save();

  const started = performance.now();
  const signals = new Signals();
  let outcome: { readonly status: RunStatus; readonly cells: readonly CellResult[] };
  const client = await startKernel(installation, resolve(files.input), signals);
  try {
    noteLanguage(notebook, client);
    const settings = {
      allowErrors: options.allowErrors === true,
      timeout: options.timeout === undefined ? undefined : options.timeout * 1000,
    };
    const runner = new NotebookRunner(notebook, client, settings, report, metadata, save);
    signals.onFirst(() => runner.interrupt());
    signals.onSecond(() => client.kill());
    outcome = await runner.run();
  } finally {
    await client.close();
    signals.stop();
  }
  metadata.runEnded(outcome.status !== "ok");
  await save();
  if (files.html !== undefined) {
    const title = pageTitle(notebook, files.input);
    await savePage(files.html, notebook, { title, baseDirectory: dirname(files.input) });
  }
  const seconds = (performance.now() - started) / 1000;
  if (options.json === true) printJson(files, outcome, seconds);
  else printSummary(terminal, files, outcome, seconds);
  if (outcome.status === "interrupted") return signals.exitCode;
  return outcome.status === "ok" ? exitCode.ok : exitCode.failed;
}

/** Ctrl-C and termination: the first asks, the second does not. */
class Signals {
  #count = 0;
  #terminated = false;
  readonly #starting = new AbortController();
  #first: () => Promise<void> = () => {
    this.#starting.abort();
    return Promise.resolve();
  };
  #second: () => Promise<void> = () => Promise.resolve();
  readonly #onInterrupt = (): void => this.#take();
  readonly #onTerminate = (): void => {
    this.#terminated = true;
    this.#take();
  };

  constructor() {
    process.on("SIGINT", this.#onInterrupt);
    process.on("SIGTERM", this.#onTerminate);
  }

  get exitCode(): number {
    return this.#terminated ? exitCode.terminated : exitCode.interrupted;
  }

  /** Aborts when a signal comes before there is something to do with it. */
  get starting(): AbortSignal {
    return this.#starting.signal;
  }

  onFirst(action: () => Promise<void>): void {
    this.#first = action;
  }

  onSecond(action: () => Promise<void>): void {
    this.#second = action;
  }

  stop(): void {
    process.off("SIGINT", this.#onInterrupt);
    process.off("SIGTERM", this.#onTerminate);
  }

  #take(): void {
    this.#count += 1;
    // A kernel that does not take the interrupt any more is ended by the second signal.
    void (this.#count === 1 ? this.#first() : this.#second()).catch(() => {});
  }
}

async function startKernel(
  installation: Installation,
  notebook: string,
  signals: Signals,
): Promise<KernelClient> {
  const { kernelMain } = installation;
  if (!existsSync(kernelMain)) {
    throw new CommandFailure(`${kernelMain} is missing: run \`npm run build\` first`);
  }
  const argv = kernelArgv(process.execPath, kernelMain);
  try {
    // As Jupyter's servers do: runs that the notebook logs are told by its name.
    const env = { JPY_SESSION_NAME: notebook };
    return await KernelClient.start({ argv, cwd: dirname(notebook), env, signal: signals.starting });
  } catch (cause) {
    if (!(cause instanceof KernelStartError)) throw cause;
    if (signals.starting.aborted) throw new CommandFailure("interrupted", signals.exitCode, { cause });
    throw new CommandFailure(`${cause.message}\n\`tenon doctor\` tells what may be missing`, undefined, {
      cause,
    });
  }
}

function clearOutputs(notebook: Notebook): void {
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    const tags = cell.metadata["tags"];
    if (Array.isArray(tags) && tags.includes("skip-execution")) continue;
    cell.outputs = [];
    cell.execution_count = null;
  }
}

/** Says in the notebook what it ran on, as Jupyter does. */
function noteLanguage(notebook: Notebook, client: KernelClient): void {
  const { metadata } = notebook;
  if (metadata["kernelspec"] === undefined) {
    const kernelspec = { display_name: "TypeScript (Tenon)", language: "typescript", name: "tenon" };
    setSorted(metadata, "kernelspec", kernelspec);
  }
  setSorted(metadata, "language_info", client.info.language_info);
}

/** The notebook's first heading, else its file name. */
function pageTitle(notebook: Notebook, path: string): string {
  for (const cell of notebook.cells) {
    const heading =
      cell.cell_type === "markdown" ? /^#\s+(.+)$/m.exec(joinText(cell.source))?.[1] : undefined;
    if (heading !== undefined) return heading.trim();
  }
  return basename(path, extname(path));
}

function printSummary(
  terminal: Terminal,
  files: RunFiles,
  { status, cells }: { readonly status: RunStatus; readonly cells: readonly CellResult[] },
  seconds: number,
): void {
  const ran = cells.filter((cell) => cell.status !== "skipped").length;
  const failed = cells.filter((cell) => cell.status === "failed" && cell.expected !== true).length;
  const ended: Readonly<Record<RunStatus, string>> = {
    ok: failed === 0 ? terminal.style("green", "Done:") : terminal.style("yellow", "Done with errors:"),
    failed: terminal.style("red", "Failed:"),
    timeout: terminal.style("red", "Timed out:"),
    interrupted: terminal.style("yellow", "Interrupted:"),
    died: terminal.style("red", "The kernel ended:"),
  };
  const count = `${ran} ${ran === 1 ? "cell" : "cells"}${failed === 0 ? "" : `, ${failed} failed`}`;
  terminal.line(`\n${ended[status]} ${count} in ${formatDuration(seconds)}`);
  terminal.line(`Notebook: ${shortPath(files.output)}`);
  if (files.html !== undefined) terminal.line(`Page:     ${shortPath(files.html)}`);
}

function printJson(
  files: RunFiles,
  outcome: { readonly status: RunStatus; readonly cells: readonly CellResult[] },
  duration: number,
): void {
  const { status, cells } = outcome;
  const result = { status, notebook: files.output, html: files.html ?? null, duration, cells };
  console.log(JSON.stringify(result, undefined, 2));
}

/** The path from here where that is shorter to read. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}
