/** @file One place in the page where a widget is shown: its element, or the reason why it is not there. */

// An output that is empty at first gets no padding from VS Code: hence the least height.
const style = `
.tenon-widget-view { min-height: 1px; color: var(--vscode-editor-foreground); }
body.vscode-dark .tenon-widget-view, body.vscode-high-contrast .tenon-widget-view { color-scheme: dark; }
body.vscode-light .tenon-widget-view, body.vscode-high-contrast-light .tenon-widget-view { color-scheme: light; }
.tenon-widget-note { margin: 4px 0; color: var(--vscode-descriptionForeground); }
.tenon-widget-error {
  margin: 4px 0; padding: 6px 10px; border-left: 3px solid var(--vscode-errorForeground);
  color: var(--vscode-editor-foreground);
}
.tenon-widget-error p { margin: 0 0 4px; color: var(--vscode-errorForeground); }
.tenon-widget-error pre, .tenon-widget-view pre.tenon-widget-text {
  margin: 0; white-space: pre-wrap; overflow-wrap: anywhere;
  font: var(--vscode-editor-font-size) var(--vscode-editor-font-family, monospace);
}`;

export class WidgetView {
  readonly #root: HTMLElement;

  constructor(host: HTMLElement) {
    addOwnStyle();
    this.#root = element("div", "tenon-widget-view");
    host.replaceChildren(this.#root);
  }

  /** A fresh element for the widget to draw into; whatever stood here is gone. */
  begin(): HTMLElement {
    const el = document.createElement("div");
    this.#root.replaceChildren(el);
    return el;
  }

  /** Says why there is no widget, with what is known of it. */
  unavailable(message: string, plainText: string | undefined): void {
    const note = element("p", "tenon-widget-note", message);
    note.setAttribute("role", "status");
    this.#root.replaceChildren(note);
    if (plainText !== undefined) this.#root.append(element("pre", "tenon-widget-text", plainText));
  }

  /** Shows an error of the widget's own code below the widget; a later one takes the place of an earlier. */
  failed(heading: string, error: unknown): void {
    this.#root.querySelector(":scope > .tenon-widget-error")?.remove();
    const box = element("div", "tenon-widget-error");
    box.setAttribute("role", "alert");
    box.append(element("p", "", heading), element("pre", "", errorText(error)));
    this.#root.append(box);
  }

  clear(): void {
    this.#root.replaceChildren();
  }
}

/** What an error says, and where in the widget's module it happened. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const places = (error.stack ?? "").split("\n").filter((line) => /\bwidget\.js:\d/.test(line));
  return [`${error.name}: ${error.message}`, ...places].join("\n");
}

function element(tag: string, className: string, text = ""): HTMLElement {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function addOwnStyle(): void {
  if (document.getElementById("tenon-widget-style") !== null) return;
  document.head.append(
    Object.assign(document.createElement("style"), { id: "tenon-widget-style", textContent: style }),
  );
}
