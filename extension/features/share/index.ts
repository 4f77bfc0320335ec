/** @file Export and share: the notebook as a page, as a module and back, and without outputs in its file. */
import { Disposable } from "vscode";
import type { Feature } from "../index.ts";
import { clearOutputsOnSave } from "./clear-outputs.ts";
import { registerExport } from "./export.ts";

export const share: Feature = (services) => Disposable.from(registerExport(services), clearOutputsOnSave());
