/** @file `tenon`: what every part of the library shares; the parts are `tenon/data`, `tenon/nn`, `tenon/evaluate`, …. */
export { InvalidInputError } from "./errors.ts";
export { notebookHost } from "./notebook-host.ts";
export type { MimeBundle, NotebookHost } from "./notebook-host.ts";
export { pageable } from "./pageable.ts";
export type * from "./pageable.ts";
