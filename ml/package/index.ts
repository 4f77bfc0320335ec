/** @file `tenon/package`: models as directories in MLflow's format. */
export { writeModel, type OnnxModelBytes, type WriteModelOptions } from "./write-model.ts";
export { readModel } from "./read-model.ts";
export type { ReadModelOptions } from "./checked-directory.ts";
export { readLineage, readSignature } from "./read-parts.ts";
export { verifyModel, type Verification } from "./verify-model.ts";
export type { PackagedModel } from "./packaged-model.ts";
export { ModelPackageError } from "./errors.ts";
export { clientSource } from "./client-source.ts";
export { compareSignatures, type SignatureChange } from "./compare-signatures.ts";
export { inferSignature } from "./infer-signature.ts";
export { parseSignature } from "./signature.ts";
export type { InputType, ModelSignature, OutputType, SignatureInput, SignatureOutput } from "./signature.ts";
export type { ModelRow, RowValue } from "./cell-values.ts";
export type { OutputRow, OutputValue } from "./row-feeds.ts";
export type { Difference, RecordedRows } from "./recorded-rows.ts";
export type { Evidence, Lineage } from "./evidence.ts";
export type { CardOptions } from "./model-card.ts";
