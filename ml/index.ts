/** @file `tenon`: what every part of the library shares; the parts are `tenon/data`, `tenon/nn`, `tenon/evaluate`, …. */
export { InvalidInputError } from "./errors.ts";
export { display } from "./notebook/display.ts";
export { progress } from "./notebook/progress.ts";
export type { Progress, ProgressHandle, ProgressOptions } from "./notebook/progress-types.ts";
export { notebookHost } from "./notebook-host.ts";
export type { DisplayHandle, MimeBundle, NotebookHost } from "./notebook-host.ts";
export { pageable } from "./pageable.ts";
export type * from "./pageable.ts";
