/** @file The headers of a request that inference goes by, found in one pass: Node's own object of them costs more than a model. */

/** What is read of a request's headers; undefined where it isn't there. */
export interface RequestHeaders {
  readonly contentType: string | undefined;
  readonly contentLength: string | undefined;
  readonly contentEncoding: string | undefined;
  /** The length of the JSON before the binary tensors (`Inference-Header-Content-Length`). */
  readonly inferenceHeaderLength: string | undefined;
  readonly traceparent: string | undefined;
  readonly stickyKey: string | undefined;
}

/** The headers among names and values in turn, as Node's parser gives them; of one that is there twice the last. */
export function readHeaders(raw: readonly string[]): RequestHeaders {
  let contentType: string | undefined;
  let contentLength: string | undefined;
  let contentEncoding: string | undefined;
  let inferenceHeaderLength: string | undefined;
  let traceparent: string | undefined;
  let stickyKey: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? "";
    switch (name.length) {
      case 10:
        if (name.toLowerCase() === "sticky-key") stickyKey = raw[at + 1];
        break;
      case 11:
        if (name.toLowerCase() === "traceparent") traceparent = raw[at + 1];
        break;
      case 12:
        if (name.toLowerCase() === "content-type") contentType = raw[at + 1];
        break;
      case 14:
        if (name.toLowerCase() === "content-length") contentLength = raw[at + 1];
        break;
      case 16:
        if (name.toLowerCase() === "content-encoding") contentEncoding = raw[at + 1];
        break;
      case 31:
        if (name.toLowerCase() === "inference-header-content-length") inferenceHeaderLength = raw[at + 1];
        break;
      default:
    }
  }
  return {
    contentType,
    contentLength,
    contentEncoding,

    inferenceHeaderLength,
    traceparent,
    stickyKey,
  };
}
