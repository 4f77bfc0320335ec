/** @file Everything that the extension adds to VS Code, in the order in which it is registered. */
import type { Disposable } from "vscode";
import type { Services } from "../platform/services.ts";
import { data } from "./data/index.ts";
import { debugging } from "./debugging/index.ts";
import { firstUse } from "./first-use/index.ts";
import { kernelLanguage } from "./kernel-language.ts";
import { notebook } from "./notebook/index.ts";
import { share } from "./share/index.ts";
import { staleCells } from "./stale-cells/index.ts";
import { typescriptServer } from "./typescript-server.ts";
import { typescriptNotebook } from "./typescript-notebook.ts";
import { widgets } from "./widgets/index.ts";

/** Registers one feature; what it returns undoes that. */
export type Feature = (services: Services) => Disposable;

export const features: readonly Feature[] = [
  typescriptNotebook,
  notebook,
  debugging,
  firstUse,
  staleCells,
  typescriptServer,
  kernelLanguage,
  share,
  data,
  widgets,
];
