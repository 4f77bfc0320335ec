/**
 * The globals of Tenon notebooks. Everything that Node has is there too; `require` resolves from the notebook's
 * folder.
 */
declare namespace Tenon {
  /** A MIME bundle: MIME type to value. JSON types carry JSON values, the others strings (base64 for binary types). */
  type MimeBundle = Record<string, unknown>;

  /**
   * What `[Symbol.for("Jupyter.display")]()` returns: implement it to give a class its own look.
   *
   * @example
   * class Money {
   *   constructor(readonly amount: number) {}
   *   [Symbol.for("Jupyter.display")]() {
   *     return { "text/html": `<b>${this.amount} €</b>`, "text/plain": `${this.amount} €` };
   *   }
   * }
   */
  type Displayed = MimeBundle | Promise<MimeBundle>;

  interface DisplayOptions {
    /** Names the output, for `display.update`. */
    readonly id?: string;
    /** The value is a MIME bundle to show as it is. */
    readonly raw?: boolean;
  }

  interface ImageOptions {
    readonly id?: string;
    /** Width in CSS pixels. */
    readonly width?: number;
    /** Height in CSS pixels. */
    readonly height?: number;
    /** Text for those who can't see the image. */
    readonly alt?: string;
  }

  interface TableOptions {
    readonly id?: string;
    /** How many rows to show; 20 unless told, 1000 at most. */
    readonly rows?: number;
    /** Which columns to show, in this order. */
    readonly columns?: readonly string[];
  }

  /** An output that can be changed after it was shown. */
  interface DisplayHandle {
    readonly id: string;
    /** Replaces the output, in the cell where it stands; what was shown as Markdown, an image, … stays one. */
    update(value: unknown): void;
    /** Empties the output; it keeps its place. */
    clear(): void;
  }

  /** A Plotly figure: its traces and layout. */
  interface PlotlyFigure {
    readonly data: readonly object[];
    readonly layout?: object;
    readonly config?: object;
    readonly frames?: readonly object[];
  }

  interface Display {
    /**
     * Shows a value below the cell: tables for arrays of objects, figures, images, tensors, data frames, whatever
     * has a `[Symbol.for("Jupyter.display")]()` method, and text for the rest.
     *
     * @example
     * const status = display("loading…");
     * status.update([{ name: "Ada", born: 1815 }]);
     */
    (value: unknown, options?: DisplayOptions): DisplayHandle;
    /**
     * Shows HTML. Escape what comes from data.
     * @example display.html("<b>done</b>");
     */
    html(content: string, options?: DisplayOptions): DisplayHandle;
    /**
     * Shows Markdown.
     * @example display.markdown(`AUC **${auc.toFixed(3)}**`);
     */
    markdown(content: string, options?: DisplayOptions): DisplayHandle;
    /**
     * Shows LaTeX.
     * @example display.latex("$\\sum_i x_i^2$");
     */
    latex(content: string, options?: DisplayOptions): DisplayHandle;
    /**
     * Shows an SVG image.
     * @example display.svg('<svg width="20" height="20"><circle cx="10" cy="10" r="9"/></svg>');
     */
    svg(content: string, options?: DisplayOptions): DisplayHandle;
    /**
     * Shows a PNG image from its bytes or from base64.
     * @example display.png(await readFile("plot.png"), { width: 400 });
     */
    png(content: Uint8Array | string, options?: ImageOptions): DisplayHandle;
    /**
     * Shows a JPEG image from its bytes or from base64.
     * @example display.jpeg(await readFile("photo.jpg"));
     */
    jpeg(content: Uint8Array | string, options?: ImageOptions): DisplayHandle;
    /**
     * Shows a value as a JSON tree.
     * @example display.json({ epochs: 3, rate: 0.01 });
     */
    json(value: unknown, options?: DisplayOptions): DisplayHandle;
    /**
     * Shows a Plotly figure.
     * @example display.plotly({ data: [{ y: [1, 3, 2] }], layout: { title: { text: "Loss" } } });
     */
    plotly(figure: PlotlyFigure, options?: DisplayOptions): DisplayHandle;
    /**
     * Shows a value as a table, with a choice of rows and columns.
     * @example display.table(flights, { rows: 5, columns: ["origin", "delay"] });
     */
    table(value: unknown, options?: TableOptions): DisplayHandle;
    /**
     * Clears the cell's output; with `wait`, when its next output arrives, which avoids flicker.
     * @example display.clear({ wait: true });
     */
    clear(options?: { readonly wait?: boolean }): void;
    /**
     * Replaces what was shown under an id.
     * @example display("one", { id: "status" }); display.update("status", "two");
     */
    update(id: string, value: unknown): void;
  }

  interface ProgressOptions {
    readonly label?: string;
    /** What is counted, for example `rows`. */
    readonly unit?: string;
    /** How many items there will be, where the source doesn't say. */
    readonly total?: number;
  }

  /** A bar that the program moves itself. Its end (`finish`, `fail`, or leaving a `using` block) stays visible. */
  interface ProgressHandle extends Disposable {
    /** Adds to the count; 1 unless told. Throws when the cell was interrupted. */
    advance(count?: number): void;
    /** Sets the count. Throws when the cell was interrupted. */
    set(done: number): void;
    /** Says something beside the bar, for example the present loss. */
    note(text: string): void;
    finish(): void;
    fail(): void;
  }

  interface Progress {
    /**
     * Shows a live bar while a loop runs; interrupting the cell ends the loop.
     *
     * @example
     * for (const file of progress(files, { label: "reading" })) await read(file);
     */
    <T>(source: Iterable<T>, options?: ProgressOptions | string): IterableIterator<T>;
    /**
     * Shows a live bar while an asynchronous loop runs.
     *
     * @example
     * for await (const batch of progress(batches, { total: 100 })) train(batch);
     */
    <T>(source: AsyncIterable<T>, options?: ProgressOptions | string): AsyncIterableIterator<T>;
    /**
     * Shows a bar that you move, of so many steps or of unknown length.
     *
     * @example
     * using bar = progress(epochs, "training");
     * for (let epoch = 0; epoch < epochs; epoch++) { bar.note(`loss ${train()}`); bar.advance(); }
     */
    (total?: number, options?: ProgressOptions | string): ProgressHandle;
  }

  /** The running cell. */
  interface Cell {
    /** The notebook's id of the cell; undefined where the frontend sends none. */
    readonly id: string | undefined;
    /**
     * Aborted when the cell is interrupted: hand it to whatever takes one.
     * @example const page = await fetch(url, { signal: cell.signal });
     */
    readonly signal: AbortSignal;
  }

  interface WidgetDefinition<State extends object> {
    /** The source of an ES module with a default export `{ initialize?, render }`, as anywidget defines it. */
    readonly esm: string;
    /** Styles for the view. */
    readonly css?: string;
    /** The state that kernel and views share: JSON values and binary arrays. */
    readonly state: State;
  }

  /** An interactive output whose state lives in the kernel and in its views. */
  interface Widget<State extends object> extends Disposable {
    /** The model's id, which is its comm's. */
    readonly id: string;
    get<Name extends keyof State & string>(name: Name): State[Name];
    /** Changes some of the state, here and in all views. */
    set(changes: Partial<State>): void;
    /** Calls back when the name's value changes, from either side; returns a function that stops it. */
    on<Name extends keyof State & string>(
      event: `change:${Name}`,
      listener: (value: State[Name], previous: State[Name]) => void,
    ): () => void;
    /** Calls back for messages that a view sent with `model.send`. */
    on(event: "message", listener: (content: unknown, buffers: readonly Uint8Array[]) => void): () => void;
    /** Sends a message to the views, outside the state. */
    send(content: unknown, buffers?: readonly Uint8Array[]): void;
    /** Removes the model and its views. */
    close(): void;
  }

  type WidgetFactory = <State extends object>(definition: WidgetDefinition<State>) => Widget<State>;
}

/**
 * Shows a value below the cell, and more than once if you like; the cell's last expression is shown by itself.
 *
 * @example
 * display([{ name: "Ada", born: 1815 }]);
 * display.markdown("**done**");
 */
declare var display: Tenon.Display;

/**
 * A live progress bar over an iterable, an async iterable, or a number of steps.
 *
 * @example
 * for (const file of progress(files, { label: "reading" })) await read(file);
 */
declare var progress: Tenon.Progress;

/**
 * An interactive output (an anywidget): a module draws the view, the state is shared with the kernel. Tenon in VS Code
 * shows it; JupyterLab needs the `anywidget` package for it.
 *
 * @example
 * const counter = widget({
 *   state: { count: 0 },
 *   esm: `export default { render({ model, el }) {
 *     const button = document.createElement("button");
 *     const show = () => (button.textContent = "clicked " + model.get("count"));
 *     button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
 *     model.on("change:count", show); show(); el.append(button);
 *   } }`,
 * });
 * counter.on("change:count", (count) => console.log(count));
 * counter
 */
declare var widget: Tenon.WidgetFactory;

/**
 * The running cell: its id, and a signal that is aborted when it is interrupted.
 *
 * @example
 * const page = await fetch(url, { signal: cell.signal });
 */
declare var cell: Tenon.Cell;

/**
 * Asks a question below the cell and waits for the answer; an empty answer gives the default.
 *
 * @example
 * const name = prompt("Your name?", "Ada");
 */
declare function prompt(message?: string, defaultValue?: string): string;

/**
 * Asks for a yes or a no below the cell and waits for the answer.
 *
 * @example
 * if (confirm("Delete the old runs?")) removeRuns();
 */
declare function confirm(message?: string): boolean;

/**
 * Shows a message and waits until it is confirmed.
 *
 * @example
 * alert("Training is done");
 */
declare function alert(message?: string): void;
