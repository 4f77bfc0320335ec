/** @file `tenon/data-versions`: snapshots of tables and files by their content, what differs between them, and what they made. */
export { checkout } from "./checkout.ts";
export { gc, remove, type CollectedGarbage } from "./collect-garbage.ts";
export { diff, type ChangedFile, type SnapshotDifference } from "./diff.ts";
export type { ChangedStatistic, RetypedColumn, Statistic, TableDifference } from "./diff-tables.ts";
export { DataVersionError } from "./errors.ts";
export { find, list } from "./find-snapshot.ts";
export { modelsOf, type ModelOfData } from "./lineage.ts";
export { registeredModelsOf, type RegisteredModelOfData, type RegistryAccess } from "./registered-models.ts";
export type { SnapshotColumn, SnapshotFile, SnapshotTable } from "./manifest.ts";
export { snapshot, type SnapshotOptions } from "./snapshot.ts";
export { diffText } from "./diff-text.ts";
export { listText, snapshotText } from "./snapshot-text.ts";
export { defaultStore, type StoreOptions } from "./store.ts";
export { Snapshot } from "./taken-snapshot.ts";
