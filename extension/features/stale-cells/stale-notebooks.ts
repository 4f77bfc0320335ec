/** @file The staleness of the open notebooks: follows their edits and their kernels' runs. */
import { Disposable, EventEmitter, type NotebookDocument, workspace } from "vscode";
import type { FinishedExecution, KernelSession } from "../../kernels/kernel-session.ts";
import { cellId, isTypescriptNotebook, typescriptCells } from "../../platform/notebook-cells.ts";
import type { Services } from "../../platform/services.ts";
import { NotebookStaleness } from "../../stale/notebook-staleness.ts";

/** Milliseconds after the last edit until it is looked at. */
const editPause = 250;

interface Watched {
  readonly staleness: Promise<NotebookStaleness>;
  timer: NodeJS.Timeout | undefined;
}

export class StaleNotebooks extends Disposable {
  readonly #services: Services;
  readonly #watched = new Map<string, Watched>();
  readonly #changes = new EventEmitter<NotebookDocument>();
  readonly #executions = new EventEmitter<readonly [NotebookDocument, FinishedExecution]>();
  readonly #subscriptions: Disposable;

  /** Tells of a notebook whose cells or their states have changed. */
  readonly onDidChange = this.#changes.event;
  /** Tells of each cell that has run, after {@link onDidChange}. */
  readonly onDidExecute = this.#executions.event;

  constructor(services: Services) {
    super(() => {
      this.#subscriptions.dispose();
      for (const { timer } of this.#watched.values()) clearTimeout(timer);
    });
    this.#services = services;
    const unsubscribe = services.kernels.onOpened((session) => this.#follow(session));
    this.#subscriptions = Disposable.from(
      new Disposable(unsubscribe),
      this.#changes,
      this.#executions,
      workspace.onDidChangeNotebookDocument(({ notebook, contentChanges, cellChanges }) => {
        const isChanged =
          contentChanges.length > 0 || cellChanges.some(({ document }) => document !== undefined);
        if (isChanged) this.#edited(notebook);
      }),
      workspace.onDidCloseNotebookDocument(({ uri }) => {
        const key = uri.toString();
        clearTimeout(this.#watched.get(key)?.timer);
        this.#watched.delete(key);
      }),
    );
    for (const session of services.kernels.all()) this.#follow(session);
  }

  /** True for a notebook that has a kernel, or was asked for. */
  isFollowed(notebook: NotebookDocument): boolean {
    return this.#watched.has(notebook.uri.toString());
  }

  /** A notebook's staleness; it is followed from then on. */
  async of(notebook: NotebookDocument): Promise<NotebookStaleness> {
    return await this.#watch(notebook).staleness;
  }

  #follow(session: KernelSession): void {
    const find = (): NotebookDocument | undefined =>
      workspace.notebookDocuments.find(({ uri }) => uri.toString() === session.notebook);
    session.onClient(() => {
      const notebook = find();
      if (notebook !== undefined) void this.of(notebook).then((staleness) => staleness.kernelStarted());
    });
    session.onExecuted((execution) => {
      const notebook = find();
      if (notebook === undefined) return;
      void this.of(notebook).then((staleness) => {
        this.#flush(notebook, staleness);
        staleness.executed(execution);
        if (execution.isPast !== true) this.#executions.fire([notebook, execution]);
      });
    });
  }

  #watch(notebook: NotebookDocument): Watched {
    const key = notebook.uri.toString();
    const known = this.#watched.get(key);
    if (known !== undefined) return known;
    const watched: Watched = { staleness: this.#open(notebook), timer: undefined };
    watched.staleness.catch((error: unknown) => this.#services.log.error("stale cells", error));
    this.#watched.set(key, watched);
    return watched;
  }

  /** The parser is native code: it is loaded for the first notebook that needs it. */
  async #open(notebook: NotebookDocument): Promise<NotebookStaleness> {
    const { sourceNames } = await import("../../../cells/name-graph.ts");
    const staleness = new NotebookStaleness(sourceNames);
    staleness.setCells(sourceCells(notebook));
    staleness.onChange(() => this.#changes.fire(notebook));
    return staleness;
  }

  #edited(notebook: NotebookDocument): void {
    const watched = this.#watched.get(notebook.uri.toString());
    if (watched === undefined || !isTypescriptNotebook(notebook)) return;
    clearTimeout(watched.timer);
    watched.timer = setTimeout(() => {
      watched.timer = undefined;
      void watched.staleness.then((staleness) => staleness.setCells(sourceCells(notebook)));
    }, editPause);
  }

  /** What was edited and not yet looked at is looked at now. */
  #flush(notebook: NotebookDocument, staleness: NotebookStaleness): void {
    const watched = this.#watched.get(notebook.uri.toString());
    if (watched?.timer === undefined) return;
    clearTimeout(watched.timer);
    watched.timer = undefined;
    staleness.setCells(sourceCells(notebook));
  }
}

function sourceCells(
  notebook: NotebookDocument,
): readonly { readonly id: string; readonly source: string }[] {
  return typescriptCells(notebook).map((cell) => ({ id: cellId(cell), source: cell.document.getText() }));
}
