/** @file What can compute: ONNX Runtime's execution providers, in the order of preference. */

/** Where programs run. */
export type Provider = "cuda" | "webgpu" | "cpu";

/** All providers, the best first. */
export const providers: readonly Provider[] = ["cuda", "webgpu", "cpu"];
