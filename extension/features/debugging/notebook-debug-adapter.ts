/**
 * @file One debug session of VS Code's on a notebook's kernel.
 *
 * A session of a cell runs the cell when all is in place, and ends with it. A session of the notebook lasts: it goes on
 * over restarts of the kernel and ends when the kernel does.
 */
import {
  type DebugAdapter,
  type DebugProtocolMessage,
  type Disposable,
  EventEmitter,
  type NotebookDocument,
  workspace,
} from "vscode";
import { DebugRelay } from "../../debug/debug-relay.ts";
import type { KernelSession } from "../../kernels/kernel-session.ts";
import type { KernelClient } from "../../../jupyter/client.ts";
import { editorCells } from "./editor-cells.ts";

export interface NotebookDebugAdapterOptions {
  readonly notebook: NotebookDocument;
  readonly kernel: KernelSession;
  readonly client: KernelClient;
  /** The cell whose run the session is for, and what runs it. */
  readonly cell: { readonly uri: string; readonly run: () => Promise<void> } | undefined;
  readonly onProblem: (error: unknown) => void;
}

export class NotebookDebugAdapter implements DebugAdapter {
  readonly #messages = new EventEmitter<DebugProtocolMessage>();
  readonly onDidSendMessage = this.#messages.event;
  readonly #relay: DebugRelay;
  readonly #subscriptions: readonly Disposable[];

  constructor({ notebook, kernel, client, cell, onProblem }: NotebookDebugAdapterOptions) {
    this.#relay = new DebugRelay({
      client,
      cells: editorCells(notebook),
      send: (message) => this.#messages.fire(message),
      stopsCell: cell !== undefined,
      onConfigured: () => {
        if (cell === undefined) return;
        void cell
          .run()
          .catch(onProblem)
          .finally(() => this.#relay.end());
      },
    });
    if (cell !== undefined) this.#relay.prefer(cell.uri);
    const unsubscribe = [
      kernel.onState((state) => {
        if (state === "restarting" && cell === undefined) this.#relay.kernelGone();
        else if (state === "restarting" || state === "dead" || state === "stopped") this.#relay.end();
      }),
      kernel.onClient((next) => void this.#relay.attachTo(next).catch(onProblem)),
    ];
    this.#subscriptions = [
      ...unsubscribe.map((dispose) => ({ dispose })),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (notebook.getCells().some((each) => each.document === document)) void this.#relay.cellsChanged();
      }),
      workspace.onDidChangeNotebookDocument((event) => {
        if (event.notebook === notebook && event.contentChanges.length > 0) void this.#relay.cellsChanged();
      }),
    ];
  }

  handleMessage(message: DebugProtocolMessage): void {
    void this.#relay.handle(message);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    void this.#relay.dispose();
    this.#messages.dispose();
  }
}
