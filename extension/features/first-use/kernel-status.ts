/**
 * @file The status bar's item: what the kernel of the notebook in front is doing, its Node, what its programs run on, and its memory.
 *
 * Memory is looked at only while somebody can see it: a window in front, a notebook in front, a kernel that lives.
 */
import { Disposable, MarkdownString, StatusBarAlignment, type StatusBarItem, l10n, window } from "vscode";
import type { KernelSession, KernelState } from "../../kernels/kernel-session.ts";
import { processTreeMemory } from "../../kernels/process-memory.ts";
import type { Services } from "../../platform/services.ts";
import { kernelMenuCommand } from "./kernel-menu.ts";

/** Milliseconds between two looks at the memory. */
const interval = 10_000;

/** Shows the item while the notebook in front has a kernel of ours. */
export function showKernelStatus({ kernels }: Services): Disposable {
  const item = window.createStatusBarItem("tenon.kernel", StatusBarAlignment.Right, 100);
  item.name = l10n.t("Notebook Kernel");
  item.command = kernelMenuCommand;
  const memory = new WeakMap<KernelSession, number>();
  const subscriptions = new Map<KernelSession, () => void>();

  const current = (): KernelSession | undefined => {
    const notebook = window.activeNotebookEditor?.notebook;
    return notebook && kernels.get(notebook.uri.toString());
  };
  const show = (): void => {
    const session = current();
    if (session === undefined) item.hide();
    else render(item, session, memory.get(session));
  };
  const measure = async (): Promise<void> => {
    const session = current();
    const pid = session?.client?.pid;
    if (session === undefined || pid === undefined || !window.state.focused) return;
    const bytes = await processTreeMemory(pid);
    if (bytes !== undefined) memory.set(session, bytes);
    show();
  };
  const watch = (session: KernelSession): void => {
    subscriptions.set(
      session,
      session.onState((state) => {
        if (state !== "idle" && state !== "busy") memory.delete(session);
        show();
        if (state === "idle" && !memory.has(session)) void measure();
      }),
    );
    show();
  };
  for (const session of kernels.all()) watch(session);
  const timer = setInterval(() => void measure(), interval);
  show();
  return Disposable.from(
    item,
    window.onDidChangeActiveNotebookEditor(() => {
      show();
      void measure();
    }),
    new Disposable(kernels.onOpened(watch)),
    new Disposable(
      kernels.onClosed((session) => {
        subscriptions.get(session)?.();
        subscriptions.delete(session);
        show();
      }),
    ),
    new Disposable(() => {
      clearInterval(timer);
      for (const unsubscribe of subscriptions.values()) unsubscribe();
    }),
  );
}

const icons: Readonly<Record<KernelState, string>> = {
  stopped: "$(circle-slash)",
  starting: "$(sync~spin)",
  idle: "$(circle-outline)",
  busy: "$(circle-filled)",
  restarting: "$(sync~spin)",
  dead: "$(error)",
};

/** A kernel's state in words. */
export function stateText(state: KernelState): string {
  const texts: Readonly<Record<KernelState, string>> = {
    stopped: l10n.t("stopped"),
    starting: l10n.t("starting"),
    idle: l10n.t("idle"),
    busy: l10n.t("busy"),
    restarting: l10n.t("restarting"),
    dead: l10n.t("died"),
  };
  return texts[state];
}

/** What programs run on, as people call it. */
const backends: Readonly<Record<string, string>> = { cpu: "CPU", webgpu: "WebGPU", cuda: "CUDA" };

function render(
  item: StatusBarItem,
  { state, client, backend: on }: KernelSession,
  bytes: number | undefined,
): void {
  const size = bytes === undefined ? undefined : `${Math.round(bytes / 2 ** 20).toLocaleString()} MB`;
  const node = /\bNode (\d+\.\d+\.\d+)/.exec(client?.info.banner ?? "")?.[1];
  const backend = on === undefined ? undefined : (backends[on] ?? on);
  item.text = [`${icons[state]} TypeScript`, stateText(state), backend, size]
    .filter((part) => part !== undefined)
    .join(" · ");
  const lines = [
    `**${l10n.t("Kernel: {0}", stateText(state))}**`,
    ...(node === undefined ? [] : [`Node ${node}`]),
    ...(backend === undefined ? [] : [l10n.t("Tensors are computed on: {0}", backend)]),
    ...(size === undefined ? [] : [l10n.t("Memory of its processes: {0}", size)]),
    l10n.t("Click for what you can do."),
  ];
  item.tooltip = new MarkdownString(lines.join("  \n"));
  item.accessibilityInformation = {
    label: l10n.t("Notebook kernel: {0}", [stateText(state), backend, size].filter(Boolean).join(", ")),
    role: "button",
  };
  item.show();
}
