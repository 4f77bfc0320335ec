/** @file `display` for programs: the notebook's own inside one, text on stdout elsewhere. */
import { inspect } from "node:util";
import { notebookHost, type DisplayHandle } from "../notebook-host.ts";

const displaySymbol = Symbol.for("Jupyter.display");

/**
 * Shows a value: in a notebook below the cell, with its tables, figures and images; in a terminal as text.
 *
 * @example
 * const status = display("loading…");
 * status.update("done");
 */
export function display(value: unknown, options: { readonly id?: string } = {}): DisplayHandle {
  const show = notebookHost()?.show;
  if (show !== undefined) return show(value, options);
  void print(value);
  return {
    id: options.id ?? "",
    update: (next) => void print(next),
    clear: () => undefined,
  };
}

async function print(value: unknown): Promise<void> {
  process.stdout.write(`${(await ownText(value)) ?? (typeof value === "string" ? value : inspect(value))}\n`);
}

/** The text of a value that shows itself; undefined where it doesn't, or has no text. */
async function ownText(value: unknown): Promise<string | undefined> {
  if (typeof value !== "object" || value === null || !(displaySymbol in value)) return undefined;
  const method: unknown = value[displaySymbol];
  if (typeof method !== "function") return undefined;
  try {
    const bundle: unknown = await Reflect.apply(method, value, []);
    if (typeof bundle !== "object" || bundle === null || !("text/plain" in bundle)) return undefined;
    return String(bundle["text/plain"]);
  } catch {
    return undefined;
  }
}
