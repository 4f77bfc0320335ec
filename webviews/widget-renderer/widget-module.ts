/** @file Loads a widget's module and its style, and runs its `initialize` and `render`, as anywidget defines them. */
import { type ModelHandle, modelHandle } from "./model-handle.ts";
import type { WidgetModel } from "./widget-model.ts";

interface Part {
  readonly model: ModelHandle;
  readonly signal: AbortSignal;
}

type Step = (part: Part & { readonly el?: HTMLElement }) => unknown;

/** What a module exports: both are optional. */
export interface WidgetModule {
  readonly initialize?: Step | undefined;
  readonly render?: Step | undefined;
}

/** Undoes what a step of a module did. */
export type Cleanup = () => void;

/** A widget's module has no form that anywidget knows. */
export class WidgetModuleError extends Error {
  override readonly name = "WidgetModuleError";
}

const isAddress = (text: string): boolean => /^https?:\/\//.test(text);

/** The module of a widget's source, or at its address. @throws what the module throws; {@link WidgetModuleError} */
export async function loadModule(source: string): Promise<WidgetModule> {
  const exported = entryOf(await importSource(source), "default");
  // SAFETY: the contract has a function without arguments here; what it returns is looked at like the object.
  const widget = typeof exported === "function" ? await (exported as () => unknown)() : exported;
  const [initialize, render] = [stepOf(widget, "initialize"), stepOf(widget, "render")];
  if (initialize === undefined && render === undefined)
    throw new WidgetModuleError("the widget's module has no default export with render or initialize");
  return { initialize, render };
}

/** Adds a widget's style to the page, once for each of its kind. */
export function addStyle(id: string, css: string): void {
  const selector = `[data-tenon-widget="${CSS.escape(id)}"]`;
  if (document.head.querySelector(selector) !== null) return;
  const element = isAddress(css)
    ? Object.assign(document.createElement("link"), { rel: "stylesheet", href: css })
    : Object.assign(document.createElement("style"), { textContent: css });
  element.dataset["tenonWidget"] = id;
  document.head.append(element);
}

/** Runs a step of a module; resolves with what undoes it. @throws what the module throws */
export async function runStep(
  step: Step | undefined,
  model: WidgetModel,
  el: HTMLElement | undefined,
  onError: (error: unknown) => void,
): Promise<Cleanup> {
  const controller = new AbortController();
  const { signal } = controller;
  const part = { model: modelHandle(model, signal), signal };
  try {
    const undo = await step?.(el === undefined ? part : { ...part, el });
    return () => {
      controller.abort();
      if (typeof undo !== "function") return;
      const run = async (): Promise<void> => void (await Reflect.apply(undo, undefined, []));
      run().catch(onError);
    };
  } catch (error) {
    controller.abort();
    throw error;
  }
}

async function importSource(source: string): Promise<unknown> {
  if (isAddress(source)) return await import(source);
  // The name is what stack traces say.
  const named = `${source}\n//# sourceURL=widget.js`;
  const url = URL.createObjectURL(new Blob([named], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function entryOf(holder: unknown, name: string): unknown {
  return typeof holder === "object" && holder !== null ? Reflect.get(holder, name) : undefined;
}

function stepOf(widget: unknown, name: string): Step | undefined {
  const step = entryOf(widget, name);
  return typeof step === "function" ? async (part) => await Reflect.apply(step, widget, [part]) : undefined;
}
