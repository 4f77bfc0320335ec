/**
 * @file Runs the cells of one notebook, and shows what they put out.
 *
 * All cells that are to run are sent at once and wait in the kernel, so that they go on when the window is loaded anew.
 * Invariants: every execution that VS Code was told of ends; after a cell that failed, those that wait end without
 * having run, unless it is tagged as one that may fail.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  type NotebookCell,
  type NotebookCellExecution,
  type NotebookController,
  type NotebookDocument,
  l10n,
  workspace,
} from "vscode";
import type { KernelClient } from "../../../jupyter/client.ts";
import type { Execution } from "../../../jupyter/client-execution.ts";
import type { ErrorOutput } from "../../../jupyter/output-message.ts";
import { type KeptExecution, batchKey, keepMetadata } from "../../../kernel/protocol.ts";
import {
  type FinishedExecution,
  type KernelOrigin,
  type KernelSession,
  lingerSeconds,
} from "../../kernels/kernel-session.ts";
import { type KernelSessionState, askSession } from "../../kernels/kernel-session-request.ts";
import { cellId, hasTag, typescriptCells } from "../../platform/notebook-cells.ts";
import type { Services } from "../../platform/services.ts";
import { CellOutputs } from "./cell-outputs.ts";
import { askQuestion } from "./cell-question.ts";
import { CellRuns } from "./cell-runs.ts";
import { Displays } from "./displays.ts";
import { findDisplays, lastOfEachCell, replay } from "./kept-runs.ts";
import { LateOutputs } from "./late-outputs.ts";

/** The tag of cells that may fail, as Jupyter's clients know it. */
const raisesTag = "raises-exception";

/** A run of a cell on the kernel. */
interface CellRun {
  readonly cell: NotebookCell;
  readonly code: string;
  readonly execution: NotebookCellExecution;
  /** What is still to come of it; undefined where it has ended. */
  readonly rest: Execution | undefined;
  /** What came before this window. */
  readonly kept?: KeptExecution;
}

export class NotebookRunner {
  readonly notebook: NotebookDocument;
  readonly session: KernelSession;
  readonly #services: Services;
  readonly #displays = new Displays();
  readonly #runs: CellRuns;
  readonly #late: LateOutputs;
  readonly #dispose: () => void;
  /** Grows with each interrupt and restart: what was queued before does not run. */
  #generation = 0;
  #sending: Promise<unknown> = Promise.resolve();
  #showing: Promise<void> = Promise.resolve();

  constructor(
    notebook: NotebookDocument,
    session: KernelSession,
    controller: NotebookController,
    services: Services,
  ) {
    this.notebook = notebook;
    this.session = session;
    this.#services = services;
    this.#runs = new CellRuns(controller);
    this.#late = new LateOutputs({
      session,
      runs: this.#runs,
      displays: this.#displays,
      outputsOf: (execution) => this.#outputs(execution),
    });
    const follow = (client: KernelClient, origin: KernelOrigin): void => {
      this.#late.listen(client);
      if (origin === "taken over") void this.#resume(client);
    };
    this.#dispose = session.onClient(follow);
    // Another feature may have asked for the kernel before.
    if (session.client !== undefined) follow(session.client, session.origin);
  }

  /** Runs cells behind those that run already; resolves when they have ended. */
  async run(cells: readonly NotebookCell[]): Promise<void> {
    const generation = this.#generation;
    const executions = cells.map((cell) => this.#runs.create(cell));
    const sent = this.#sending.then(() => this.#send(executions, generation));
    this.#sending = sent.catch(() => undefined);
    await Promise.all(await sent);
  }

  /** Stops what runs and drops what waits; state is kept. */
  async interrupt(): Promise<void> {
    this.#generation += 1;
    await this.session.interrupt();
  }

  /** A fresh kernel; what runs and waits ends. */
  async restart(): Promise<void> {
    this.#generation += 1;
    await this.session.restart();
  }

  /** Puts the notebook on a kernel that runs elsewhere; its own ends. @throws where that is not possible */
  async attach(connectionFile: string): Promise<void> {
    this.#generation += 1;
    await this.session.attach(connectionFile);
  }

  dispose(): void {
    this.#generation += 1;
    this.#dispose();
  }

  /** Sends cells to the kernel; resolves when they are on their way, with what resolves when each has ended. */
  async #send(
    executions: readonly NotebookCellExecution[],
    generation: number,
  ): Promise<readonly Promise<void>[]> {
    let client: KernelClient;
    try {
      client = await this.session.start();
    } catch (error) {
      // Whoever watches the session tells the user.
      const [first, ...others] = executions;
      if (first !== undefined) this.#notStarted(first, error);
      for (const other of others) this.#runs.drop(other);
      return [];
    }
    if (generation !== this.#generation) {
      for (const execution of executions) this.#runs.drop(execution);
      return [];
    }
    const metadata = { ...keepMetadata, [batchKey]: randomUUID() };
    return executions.map((execution) => {
      const { cell } = execution;
      const code = cell.document.getText();
      const onInput = (prompt: string, password: boolean): Promise<string | undefined> =>
        this.#ask(prompt, password);
      const stopOnError = !hasTag(cell, raisesTag);
      const rest = client.execute(code, { cellId: cellId(cell), metadata, onInput, stopOnError });
      return this.#showInTurn({ cell, code, execution, rest });
    });
  }

  /** Runs are shown one after the other, in the order in which they were asked for. */
  #showInTurn(run: CellRun): Promise<void> {
    this.#showing = this.#showing.then(() => this.#show(run));
    return this.#showing;
  }

  async #show(run: CellRun): Promise<void> {
    const { cell, code, execution, rest, kept } = run;
    await (kept?.started ?? rest?.started);
    const start = kept?.started ?? Date.now();
    if (
      kept?.status === "aborted" ||
      ((kept?.state ?? "waiting") === "waiting" && (await wasDropped(rest)))
    ) {
      this.#runs.drop(execution);
      this.session.executed({ cellId: cellId(cell), code, status: "aborted" });
      return;
    }
    const id = rest?.id ?? kept?.id ?? "";
    this.#runs.begin(execution, id, start);
    if (kept?.state !== "ended") this.session.executing(cellId(cell));
    this.#displays.forget(cell);
    void execution.clearOutput();
    const outputs = this.#outputs(execution);
    let status: FinishedExecution["status"] = "error";
    try {
      if (kept !== undefined) replay(kept, outputs);
      for await (const output of rest ?? []) outputs.add(output);
      const reply = (await rest?.reply) ?? { status: kept?.status ?? "error", execution_count: null };
      status = reply.status;
      execution.executionOrder = reply.execution_count ?? kept?.count ?? undefined;
    } catch (error) {
      // The kernel ended; whoever watches it tells the user.
      outputs.add(this.#unfinished(error));
    }
    outputs.close();
    this.#runs.end(execution, id, { status, start, end: kept?.ended ?? Date.now() });
    this.session.executed({ cellId: cellId(cell), code, status });
  }

  #notStarted(execution: NotebookCellExecution, error: unknown): void {
    const { cell } = execution;
    const code = cell.document.getText();
    const start = Date.now();
    this.#runs.begin(execution, "", start);
    void execution.clearOutput();
    const outputs = this.#outputs(execution);
    outputs.add(this.#unfinished(error));
    outputs.close();
    this.#runs.end(execution, "", { status: "error", start, end: start });
    this.session.executed({ cellId: cellId(cell), code, status: "error" });
  }

  #unfinished(error: unknown): ErrorOutput {
    const message = error instanceof Error ? error.message : String(error);
    this.#services.log.warn(message);
    return { type: "error", ename: l10n.t("The cell did not finish"), evalue: message, traceback: [] };
  }

  /** The answer to what a cell asks; undefined where it was interrupted instead, or waits no more. */
  async #ask(prompt: string, password: boolean): Promise<string | undefined> {
    const { client } = this.session;
    const isWaiting = (): boolean => this.session.client === client && this.session.state === "busy";
    const answer = await askQuestion(prompt, password, isWaiting);
    if (answer === undefined && isWaiting()) await this.interrupt();
    return answer;
  }

  #outputs(execution: NotebookCellExecution): CellOutputs {
    const millions = workspace.getConfiguration("tenon").get("notebook.textLimit", 10);
    const folder = join(this.#services.context.globalStorageUri.fsPath, "outputs");
    const { cell } = execution;
    return new CellOutputs(execution, {
      displays: this.#displays,
      textLimit: millions * 1_000_000,
      overflowFile: (extension) => join(folder, `${Date.now()}-${cell.index + 1}.${extension}`),
      change: (other, action) => this.#runs.change(other, action),
    });
  }

  /** Shows what the kernel has run, and goes on running, since the window that had it has gone. */
  async #resume(client: KernelClient): Promise<void> {
    try {
      await askSession(client, { linger: lingerSeconds, takeOver: true }, (state) => {
        this.#takeOver(client, state);
      });
    } catch (error) {
      this.#services.log.warn(`${this.notebook.uri.fsPath}: ${String(error)}`);
    }
  }

  #takeOver(client: KernelClient, { executions, past, comms, input }: KernelSessionState): void {
    const cells = typescriptCells(this.notebook);
    for (const { cellId: id, code, status } of past)
      if (id !== null) this.session.executed({ cellId: id, code, status, isPast: true });
    this.#late.restore(comms);
    for (const [cell, run] of lastOfEachCell(past, cells)) {
      if (run.id !== undefined) this.#runs.restore(cell, run.id, run);
      findDisplays(cell, run.displays ?? [], this.#displays);
    }
    const onInput = (prompt: string, password: boolean): Promise<string | undefined> =>
      this.#ask(prompt, password);
    for (const [cell, kept] of lastOfEachCell(executions, cells)) {
      const rest = kept.state === "ended" ? undefined : client.follow(kept.id, { onInput });
      if (kept.late) {
        this.#runs.change(cell, (execution) => {
          const outputs = this.#outputs(execution);
          replay(kept, outputs);
          outputs.close();
        });
      } else void this.#showInTurn({ cell, code: kept.code, execution: this.#runs.create(cell), rest, kept });
    }
    if (input !== null) void this.#answer(client, input);
  }

  async #answer(client: KernelClient, { prompt, password }: KernelInput): Promise<void> {
    const answer = await this.#ask(prompt, password);
    if (answer !== undefined) await client.answerInput(answer).catch(() => undefined);
  }
}

type KernelInput = NonNullable<KernelSessionState["input"]>;

/** True for an execution that has ended without having begun. */
async function wasDropped(rest: Execution | undefined): Promise<boolean> {
  if (rest === undefined || rest.hasBegun) return false;
  try {
    return (await rest.reply).status === "aborted";
  } catch {
    return true;
  }
}
