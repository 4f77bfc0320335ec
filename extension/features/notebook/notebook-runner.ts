/**
 * @file Runs the cells of one notebook, one after another.
 *
 * Invariants: every execution that VS Code was told of ends; after a cell that failed, those that wait with it end
 * without having run.
 */
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
import type { Message } from "../../../jupyter/message.ts";
import { parseOutputMessage } from "../../../jupyter/output-message.ts";
import type { KernelSession } from "../../kernels/kernel-session.ts";
import { cellId } from "../../platform/notebook-cells.ts";
import type { Services } from "../../platform/services.ts";
import { CellOutputs, type OutputPlace } from "./cell-outputs.ts";
import { Displays } from "./displays.ts";
import { bundleItems } from "./output-items.ts";

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
  #queue: Promise<void> = Promise.resolve();
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
    this.#dispose = session.onClient((client) => this.#listen(client));
  }

  /** Runs cells behind those that run already; resolves when they have ended. */
  async run(cells: readonly NotebookCell[]): Promise<void> {
    const generation = this.#generation;
    const executions = cells.map((cell) => this.#controller.createNotebookCellExecution(cell));
    const turn = this.#queue.then(() => this.#runAll(executions, generation));
    this.#queue = turn.catch(() => undefined);
    await turn;
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

  dispose(): void {
    this.#generation += 1;
    this.#dispose();
  }

  async #runAll(executions: readonly NotebookCellExecution[], generation: number): Promise<void> {
    let goesOn = true;
    for (const execution of executions) {
      if (goesOn && generation === this.#generation) goesOn = await this.#runCell(execution);
      else {
        // An execution has to begin before it can end; without a success it shows as not run.
        execution.start();
        execution.end(undefined);
      }
    }
  }

  async #runCell(execution: NotebookCellExecution): Promise<boolean> {
    const { cell } = execution;
    const code = cell.document.getText();
    const start = Date.now();
    execution.start(start);
    this.session.executing(cellId(cell));
    this.#running.set(cell, execution);
    this.#displays.forget(cell);
    void execution.clearOutput();
    const outputs = new CellOutputs(execution, this.#place(cell));
    let success = false;
    let status: "ok" | "error" | "aborted" = "error";
    try {
      const client = await this.#client();
      const run = client.execute(code, {
        cellId: cellId(cell),
        onInput: (prompt, password) => this.#ask(prompt, password),
      });
      this.#remember(run.id, { cell, order: undefined, start, end: start, success: false });
      for await (const output of run) outputs.add(output);
      const reply = await run.reply;
      status = reply.status === "ok" ? "ok" : reply.status === "error" ? "error" : "aborted";
      success = status === "ok";
      const order = reply.execution_count ?? undefined;
      execution.executionOrder = order;
      this.#remember(run.id, { cell, order, start, end: Date.now(), success });
    } catch (error) {
      // The kernel ended, or never started; whoever watches it tells the user.
      const message = error instanceof Error ? error.message : String(error);
      outputs.add({
        type: "error",
        ename: l10n.t("The cell did not finish"),
        evalue: message,
        traceback: [],
      });
      this.#services.log.warn(message);
    }
    outputs.close();
    this.#running.delete(cell);
    execution.end(status === "aborted" ? undefined : success, Date.now());
    this.session.executed({ cellId: cellId(cell), code, status });
    return success;
  }

  async #client(): Promise<KernelClient> {
    return await this.session.start();
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
    const name = `${Date.now()}-${cell.index + 1}.txt`;
    return {
      displays: this.#displays,
      textLimit: millions * 1_000_000,
      overflowFile: join(this.#services.context.globalStorageUri.fsPath, "outputs", name),
      change: (other, action) => this.#change(other, action),
    };
  }

  #remember(id: string, run: PastRun): void {
    this.#past.set(id, run);
    for (const oldest of this.#past.keys()) {
      if (this.#past.size <= mostPastRuns) return;
      this.#past.delete(oldest);
    }
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

function parentOf(message: Message): string | undefined {
  const { msg_id: id } = message.parentHeader;
  return typeof id === "string" ? id : undefined;
}
