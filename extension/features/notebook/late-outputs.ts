/**
 * @file Outputs that come when their cell does not run: those of timers and the like after its end, and those of a
 * widget's listeners, which go below the cell that made the widget.
 */
import type { NotebookCellExecution } from "vscode";
import type { KernelClient } from "../../../jupyter/client.ts";
import { type Message, parentId } from "../../../jupyter/message.ts";
import { parseOutputMessage } from "../../../jupyter/output-message.ts";
import type { KernelSession } from "../../kernels/kernel-session.ts";
import type { KernelSessionState } from "../../kernels/kernel-session-request.ts";
import type { CellOutputs } from "./cell-outputs.ts";
import type { CellRuns } from "./cell-runs.ts";
import type { Displays } from "./displays.ts";
import { bundleItems } from "./output-items.ts";

interface Parts {
  readonly session: KernelSession;
  readonly runs: CellRuns;
  readonly displays: Displays;
  readonly outputsOf: (execution: NotebookCellExecution) => CellOutputs;
}

export class LateOutputs {
  readonly #parts: Parts;
  /** The runs that opened the comms that are open. */
  readonly #commRuns = new Map<string, string>();
  #heard: KernelClient | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Shows what comes from a client from now on. */
  listen(client: KernelClient): void {
    // A restart keeps the client.
    if (this.#heard === client) return;
    this.#heard = client;
    client.onIopub((message) => {
      if (this.#parts.session.client === client) this.#take(client, message);
    });
  }

  /** Takes over what another window knew of the kernel that it had. */
  restore(comms: KernelSessionState["comms"]): void {
    for (const { comm, run } of comms) this.#commRuns.set(comm, run);
  }

  #take(client: KernelClient, message: Message): void {
    const { runs, outputsOf } = this.#parts;
    this.#followComm(message);
    const comm = client.commAnswered(message);
    const id = comm === undefined ? parentId(message) : this.#commRuns.get(comm);
    const run = runs.cellOf(id ?? "");
    if (run === undefined) {
      this.#updateDisplays(message);
      return;
    }
    // What a running cell shows comes by its execution.
    if (comm === undefined && (runs.isRunning(run.cell) || !run.hasEnded)) return;
    const output = parseOutputMessage(message);
    if (output === undefined) return;
    runs.change(run.cell, (execution) => {
      const outputs = outputsOf(execution);
      outputs.add(output);
      outputs.close();
    });
  }

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
    for (const shown of this.#parts.displays.of(output.displayId ?? ""))
      this.#parts.runs.change(shown.cell, (execution) => {
        void execution.replaceOutputItems(bundleItems(output.data), shown.output);
      });
  }
}
