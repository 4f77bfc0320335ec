/** @file What helps somebody who is new: samples, the doctor, the status bar's item, packages that are missing. */
import { Disposable, commands } from "vscode";
import type { Feature } from "../index.ts";
import { noteFirstRun } from "./first-run.ts";
import { registerKernelMenu } from "./kernel-menu.ts";
import { showKernelStatus } from "./kernel-status.ts";
import { offerMissingPackages } from "./missing-package.ts";
import { registerOpenSample } from "./open-sample.ts";
import { registerTenonCommands } from "./tenon-commands.ts";

export const firstUse: Feature = (services) =>
  Disposable.from(
    showKernelStatus(services),
    noteFirstRun(services),
    registerKernelMenu(services),
    offerMissingPackages(services),
    registerOpenSample(services),
    registerTenonCommands(services),
    commands.registerCommand("tenon.showLog", () => services.log.show()),
  );
