/**
 * @file Runs the cells of one notebook, and shows what they put out.
 *
 * All cells that are to run are sent at once and wait in the kernel, so that they go on when the window is loaded anew.
 * Invariants: every execution that VS Code was told of ends; after a cell that failed, those that wait end without
 * having run.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  type NotebookCell,
  type NotebookCellExecution,
  type NotebookController,
  type NotebookDocument,
  l10n,
  window,
  workspace,
} from "vscode";
import type { KernelClient } from "../../../jupyter/client.ts";
import type { Execution } from "../../../jupyter/client-execution.ts";
import type { Message } from "../../../jupyter/message.ts";
import { type ErrorOutput, parseOutput, parseOutputMessage } from "../../../jupyter/output-message.ts";
import { type KeptExecution, batchKey, keepMetadata } from "../../../kernel/protocol.ts";
import { type FinishedExecution, type KernelSession, lingerSeconds } from "../../kernels/kernel-session.ts";
import { type KernelSessionState, askSession } from "../../kernels/kernel-session-request.ts";
import { cellId, typescriptCells } from "../../platform/notebook-cells.ts";
import type { Services } from "../../platform/services.ts";
import { CellOutputs, type OutputPlace } from "./cell-outputs.ts";
import { Displays } from "./displays.ts";
import { bundleItems } from "./output-items.ts";

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

/** How a cell's last run ended, kept for outputs that come afterwards. */
interface PastRun {
  readonly cell: NotebookCell;
  readonly order: number | undefined;
  readonly start: number;
  readonly end: number;
  readonly success: boolean;
}

/** So many runs are remembered for late outputs. */
const mostPastRuns = 500;

export class NotebookRunner {
  readonly notebook: NotebookDocument;
  readonly session: KernelSession;
  readonly #controller: NotebookController;
  readonly #services: Services;
  readonly #displays = new Displays();
  readonly #past = new Map<string, PastRun>();
  /** The runs that opened the comms that are open. */
  readonly #commRuns = new Map<string, string>();
  readonly #running = new Map<NotebookCell, NotebookCellExecution>();
  readonly #dispose: () => void;
  /** Grows with each interrupt and restart: what was queued before does not run. */
  #generation = 0;
  #sending: Promise<unknown> = Promise.resolve();
  #showing: Promise<void> = Promise.resolve();
  #heard: KernelClient | undefined;

  constructor(
    notebook: NotebookDocument,
    session: KernelSession,
    controller: NotebookController,
    services: Services,
  ) {
    this.notebook = notebook;
    this.session = session;
    this.#controller = controller;
    this.#services = services;
    this.#dispose = session.onClient((client, origin) => {
      this.#listen(client);
      if (origin === "taken over") void this.#resume(client);
    });
  }

  /** Runs cells behind those that run already; resolves when they have ended. */
  async run(cells: readonly NotebookCell[]): Promise<void> {
    const generation = this.#generation;
    const executions = cells.map((cell) => this.#controller.createNotebookCellExecution(cell));
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
      others.forEach(drop);
      return [];
    }
    if (generation !== this.#generation) {
      executions.forEach(drop);
      return [];
    }
    const metadata = { ...keepMetadata, [batchKey]: randomUUID() };
    return executions.map((execution) => {
      const { cell } = execution;
      const code = cell.document.getText();
      const onInput = (prompt: string, password: boolean): Promise<string> => this.#ask(prompt, password);
      const rest = client.execute(code, { cellId: cellId(cell), metadata, onInput });
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
      drop(execution);
      this.session.executed({ cellId: cellId(cell), code, status: "aborted" });
      return;
    }
    execution.start(start);
    if (kept?.state !== "ended") this.session.executing(cellId(cell));
    this.#running.set(cell, execution);
    this.#displays.forget(cell);
    void execution.clearOutput();
    const outputs = new CellOutputs(execution, this.#place(cell));
    this.#remember(run, { cell, order: undefined, start, end: start, success: false });
    let status: FinishedExecution["status"] = "error";
    try {
      if (kept !== undefined) this.#replay(kept, outputs);
      for await (const output of rest ?? []) outputs.add(output);
      const reply = (await rest?.reply) ?? { status: kept?.status ?? "error", execution_count: null };
      status = reply.status;
      execution.executionOrder = reply.execution_count ?? kept?.count ?? undefined;
    } catch (error) {
      // The kernel ended; whoever watches it tells the user.
      outputs.add(this.#unfinished(error));
    }
    outputs.close();
    this.#running.delete(cell);
    const success = status === "ok";
    const end = kept?.ended ?? Date.now();
    this.#remember(run, { cell, order: execution.executionOrder, start, end, success });
    execution.end(status === "aborted" ? undefined : success, end);
    this.session.executed({ cellId: cellId(cell), code, status });
  }

  #notStarted(execution: NotebookCellExecution, error: unknown): void {
    const { cell } = execution;
    const code = cell.document.getText();
    execution.start(Date.now());
    void execution.clearOutput();
    const outputs = new CellOutputs(execution, this.#place(cell));
    outputs.add(this.#unfinished(error));
    outputs.close();
    execution.end(false, Date.now());
    this.session.executed({ cellId: cellId(cell), code, status: "error" });
  }

  #unfinished(error: unknown): ErrorOutput {
    const message = error instanceof Error ? error.message : String(error);
    this.#services.log.warn(message);
    return { type: "error", ename: l10n.t("The cell did not finish"), evalue: message, traceback: [] };
  }

  async #ask(prompt: string, password: boolean): Promise<string> {
    const answer = await window.showInputBox({
      prompt: prompt === "" ? l10n.t("The cell asks for input") : prompt,
      password,
      ignoreFocusOut: true,
    });
    if (answer !== undefined) return answer;
    await this.interrupt();
    return "";
  }

  #place(cell: NotebookCell): OutputPlace {
    const millions = workspace.getConfiguration("tenon").get("notebook.textLimit", 10);
    const folder = join(this.#services.context.globalStorageUri.fsPath, "outputs");
    return {
      displays: this.#displays,
      textLimit: millions * 1_000_000,
      overflowFile: (extension) => join(folder, `${Date.now()}-${cell.index + 1}.${extension}`),
      change: (other, action) => this.#change(other, action),
    };
  }

  #remember({ rest, kept }: CellRun, past: PastRun): void {
    const id = rest?.id ?? kept?.id ?? "";
    this.#past.set(id, past);
    for (const oldest of this.#past.keys()) {
      if (this.#past.size <= mostPastRuns) return;
      this.#past.delete(oldest);
    }
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

  #takeOver(client: KernelClient, { executions, past, input }: KernelSessionState): void {
    for (const { cellId: id, code, status } of past)
      if (id !== null) this.session.executed({ cellId: id, code, status, isPast: true });
    const onInput = (prompt: string, password: boolean): Promise<string> => this.#ask(prompt, password);
    for (const kept of executions) {
      const rest = kept.state === "ended" ? undefined : client.follow(kept.id, { onInput });
      const cell = this.#cellOf(kept);
      if (cell === undefined) continue;
      if (kept.late) {
        this.#change(cell, (execution) => {
          const outputs = new CellOutputs(execution, this.#place(cell));
          this.#replay(kept, outputs);
          outputs.close();
        });
        continue;
      }
      const execution = this.#controller.createNotebookCellExecution(cell);
      void this.#showInTurn({ cell, code: kept.code, execution, rest, kept });
    }
    if (input !== null) void this.#answer(client, input);
  }

  async #answer(client: KernelClient, { prompt, password }: KernelInput): Promise<void> {
    await client.answerInput(await this.#ask(prompt, password)).catch(() => undefined);
  }

  /** A cell that was never saved has an id only while its window lives: it is known by its text. */
  #cellOf({ cellId: id, code }: KeptExecution): NotebookCell | undefined {
    const cells = typescriptCells(this.notebook);
    return (
      cells.find((cell) => cellId(cell) === id) ??
      cells.find((cell) => cell.document.getText() === code && !this.#running.has(cell))
    );
  }

  #replay({ id, outputs: kept, dropped }: KeptExecution, outputs: CellOutputs): void {
    for (const { type, content } of kept) {
      const output = parseOutput(type, content);
      if (output !== undefined) outputs.add(output);
    }
    if (dropped === 0) return;
    const megabytes = Math.ceil(dropped / 1_000_000);
    const text = l10n.t("… {0} MB of output came while no window was there, and were not kept", megabytes);
    this.#services.log.warn(`${id}: ${text}`);
    outputs.add({ type: "stream", name: "stderr", text: `${text}\n` });
  }

  /** Outputs of timers and the like come after their cell has ended; a widget updates displays outside of any cell. */
  #listen(client: KernelClient): void {
    // A restart keeps the client.
    if (this.#heard === client) return;
    this.#heard = client;
    client.onIopub((message) => {
      if (this.session.client !== client) return;
      this.#followComm(message);
      const comm = client.commAnswered(message);
      const run = this.#past.get((comm === undefined ? parentOf(message) : this.#commRuns.get(comm)) ?? "");
      if (run === undefined) {
        this.#updateDisplays(message);
        return;
      }
      // What a running cell shows comes by its execution.
      if (comm === undefined && (this.#running.has(run.cell) || run.order === undefined)) return;
      const output = parseOutputMessage(message);
      if (output === undefined) return;
      this.#change(run.cell, (execution) => {
        const outputs = new CellOutputs(execution, this.#place(run.cell));
        outputs.add(output);
        outputs.close();
      });
    });
  }

  /** What a widget's listeners print goes below the cell that made the widget. */
  #followComm({ header, content, parentHeader }: Message): void {
    const { comm_id: comm } = content;
    if (typeof comm !== "string") return;
    const { msg_id: run } = parentHeader;
    if (header.msg_type === "comm_open" && typeof run === "string") this.#commRuns.set(comm, run);
    if (header.msg_type === "comm_close") this.#commRuns.delete(comm);
  }

  #updateDisplays(message: Message): void {
    if (message.header.msg_type !== "update_display_data" || message.parentHeader.msg_type !== "comm_msg")
      return;
    const output = parseOutputMessage(message);
    if (output?.type !== "update_display_data") return;
    for (const shown of this.#displays.of(output.displayId ?? ""))
      this.#change(shown.cell, (execution) => {
        void execution.replaceOutputItems(bundleItems(output.data), shown.output);
      });
  }

  /** Changes the outputs of any cell; one that has ended is run again for a moment, and looks as before. */
  #change(cell: NotebookCell, action: (execution: NotebookCellExecution) => void): void {
    if (cell.index < 0) return;
    const running = this.#running.get(cell);
    if (running !== undefined) {
      action(running);
      return;
    }
    const past = [...this.#past.values()].findLast((run) => run.cell === cell);
    const execution = this.#controller.createNotebookCellExecution(cell);
    execution.executionOrder = past?.order ?? cell.executionSummary?.executionOrder;
    execution.start(past?.start);
    action(execution);
    execution.end(past?.success, past?.end);
  }
}

type KernelInput = NonNullable<KernelSessionState["input"]>;

/** Ends an execution without a mark, as not run. */
function drop(execution: NotebookCellExecution): void {
  // It has to begin before it can end.
  execution.start();
  execution.end(undefined);
}

/** True for an execution that has ended without having begun. */
async function wasDropped(rest: Execution | undefined): Promise<boolean> {
  if (rest === undefined || rest.hasBegun) return false;
  try {
    return (await rest.reply).status === "aborted";
  } catch {
    return true;
  }
}

function parentOf(message: Message): string | undefined {
  const { msg_id: id } = message.parentHeader;
  return typeof id === "string" ? id : undefined;
}
