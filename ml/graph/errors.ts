/** A graph that cannot be built: shapes that do not fit, a value that no gradient reaches. */
export class GraphError extends Error {
  override readonly name = "GraphError";
}

/** A graph that ONNX Runtime refused to load or failed to run; the cause is the runtime's error. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
}

/** A model that can't become a program: an operator that isn't known, or sizes that only a run has. The message opens with the node. */
export class ModelImportError extends Error {
  override readonly name = "ModelImportError";
}

/** A model or weights file that cannot be read or written. The message opens with the path, where there is one. */
class FileFormatError extends Error {
  /** The file; undefined where only its bytes were given. */
  readonly path: string | undefined;

  constructor(
    message: string,
    options: { readonly path?: string | undefined; readonly cause?: unknown } = {},
  ) {
    const { path, cause } = options;
    super(path === undefined ? message : `${path}: ${message}`, cause === undefined ? {} : { cause });
    this.path = path;
  }
}

/** An ONNX file that is damaged, hostile or beyond what the graph knows, or a model that cannot be written as one. */
export class OnnxFileError extends FileFormatError {
  override readonly name = "OnnxFileError";
}

/** A safetensors file that is damaged, hostile or beyond what tensors hold, or tensors that cannot be written as one. */
export class SafetensorsFileError extends FileFormatError {
  override readonly name = "SafetensorsFileError";
}
