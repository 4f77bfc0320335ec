/** @file The extension's entry. Activation registers features and starts nothing. */
import type { ExtensionContext } from "vscode";
import { features } from "./features/index.ts";
import { keepsKernels } from "./platform/kernel-settings.ts";
import { createServices, type Services } from "./platform/services.ts";

let services: Services | undefined;

export function activate(context: ExtensionContext): void {
  services = createServices(context);
  for (const register of features) context.subscriptions.push(register(services));
}

export async function deactivate(): Promise<void> {
  await services?.kernels.leaveAll(keepsKernels() ? "for ever" : "for a while");
}
