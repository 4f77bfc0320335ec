/**
 * @file Widgets below cells: between their views, which a renderer draws in the page of outputs, and the kernel of the
 * notebook that they are in. In an untrusted folder no view gets its code.
 */
import { Disposable, type NotebookEditor, l10n, notebooks, workspace } from "vscode";
import * as v from "valibot";
import {
  type FromRenderer,
  fromRendererSchema,
  widgetProtocolVersion,
  widgetRendererId,
} from "../../../webviews/widget-renderer/protocol.ts";
import type { KernelSession } from "../../kernels/kernel-session.ts";
import type { Feature } from "../index.ts";
import { WidgetAudience } from "./widget-audience.ts";

export const widgets: Feature = ({ kernels, log }) => {
  const messaging = notebooks.createRendererMessaging(widgetRendererId);
  const audiences = new Map<string, WidgetAudience>();
  const audienceOf = (notebook: string): WidgetAudience => {
    const known = audiences.get(notebook);
    if (known !== undefined) return known;
    const audience = new WidgetAudience(messaging, (error) => log.error("widgets", error));
    audiences.set(notebook, audience);
    return audience;
  };
  const follow = (session: KernelSession): void => {
    const { models } = audienceOf(session.notebook);
    session.onClient((client) => models.connect(client));
    session.onState((state) => {
      if (state !== "idle" && state !== "busy") models.disconnect();
    });
    if (session.client !== undefined) models.connect(session.client);
  };
  const update = async (
    editor: NotebookEditor,
    { model, id, attributes }: FromRenderer & { type: "update" },
  ): Promise<void> => {
    const audience = audienceOf(editor.notebook.uri.toString());
    await audience.models.update(model, attributes);
    audience.post({ type: "delivered", model, id }, editor);
  };
  const receive = async (editor: NotebookEditor, message: FromRenderer): Promise<void> => {
    const { model } = message;
    const audience = audienceOf(editor.notebook.uri.toString());
    if (message.type === "open" && message.version !== widgetProtocolVersion) {
      const text = l10n.t("Reload the window: the extension was updated while this notebook was open.");
      audience.post({ type: "unavailable", model, message: text, plainText: undefined }, editor);
    } else if (message.type === "open") audience.join(editor, model);
    else if (!workspace.isTrusted) return;
    else if (message.type === "update") await update(editor, message);
    else await audience.models.custom(model, message.content, message.buffers);
  };
  for (const session of kernels.all()) follow(session);
  return Disposable.from(
    new Disposable(kernels.onOpened(follow)),
    messaging.onDidReceiveMessage(({ editor, message }: { editor: NotebookEditor; message: unknown }) => {
      const parsed = v.safeParse(fromRendererSchema, message);
      if (!parsed.success) log.error("a message of a widget", v.summarize(parsed.issues));
      // A kernel that goes takes its widgets along, and their views are told so.
      else receive(editor, parsed.output).catch((error: unknown) => log.debug("a widget's message", error));
    }),
    workspace.onDidCloseNotebookDocument((closed) => {
      const notebook = closed.uri.toString();
      audiences.get(notebook)?.models.disconnect();
      audiences.delete(notebook);
    }),
    workspace.onDidGrantWorkspaceTrust(() => {
      for (const audience of audiences.values()) audience.refresh();
    }),
  );
};
