/** @file The page of the data viewer. */
import { PageBridge, pageElement } from "../frame/page-bridge.ts";
import { DataViewer } from "./data-viewer.ts";
import { type FromPage, type PageState, type ToPage, pageStateSchema, toPageSchema } from "./protocol.ts";

const bridge = new PageBridge<ToPage, FromPage, PageState>({ toPage: toPageSchema, state: pageStateSchema });
let viewer: DataViewer | undefined;
bridge.onMessage((message) => {
  if (message.type !== "open") viewer?.take(message);
  else if (viewer === undefined) viewer = new DataViewer(pageElement("main"), bridge, message);
  else viewer.reopen(message);
});
bridge.post({ type: "ready" });
