/** @file The one name that compiled cells and the child share. */

/** The global object through which compiled cells reach the child; see `kernel/child/runtime.ts`. */
export const runtimeName = "__tenon__";
