/** @file `tenon/kernel-machines`: support vector machines with kernels. */
export type { KernelSettings } from "./kernel-function.ts";
export { loadKernelMachine } from "./load-kernel-machine.ts";
export { svc, type SvcSettings } from "./svc.ts";
export type { SvcModel } from "./svc-model.ts";
export { svr, type SvrModel, type SvrSettings } from "./svr.ts";
