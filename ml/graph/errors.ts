/** A graph that cannot be built: shapes that do not fit, a value that no gradient reaches. */
export class GraphError extends Error {
  override readonly name = "GraphError";
}

/** A graph that ONNX Runtime refused to load or failed to run; the cause is the runtime's error. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
}
