/** @file Settings of kernels that more than one place asks for. */
import { workspace } from "vscode";

/** True where kernels go on when their notebook or window closes. */
export function keepsKernels(): boolean {
  return workspace.getConfiguration("tenon").get("kernel.keepRunning", false);
}
