/** @file What user code returned as a MIME bundle, made fit for the wire. */
import type { MimeBundle } from "../protocol.ts";
import { toJson } from "./json-value.ts";
import { isObject, ownKeys, readAny } from "./safe-read.ts";

/** True for MIME types whose values are JSON rather than text; as JupyterLab and nbformat decide it. */
export function isJsonMime(mime: string): boolean {
  return /^application\/(json|(.*\+)?json)(;|$)/.test(mime);
}

/**
 * Text types become strings (arrays of lines are joined, bytes become base64), JSON types become JSON. Keys that are
 * no MIME types and values that can't be carried are left out. Undefined where nothing of them is left; an empty
 * bundle stays empty, and shows nothing.
 */
export function normaliseBundle(bundle: unknown): MimeBundle | undefined {
  if (!isObject(bundle)) return undefined;
  const result: MimeBundle = {};
  for (const mime of ownKeys(bundle).slice(0, 50)) {
    if (!/^[\w.+-]+\/[\w.+-]+(;.*)?$/.test(mime)) continue;
    const value = readAny(bundle, mime);
    if (value === undefined || value === null) continue;
    if (isJsonMime(mime)) result[mime] = toJson(value);
    else if (typeof value === "string") result[mime] = value;
    else if (value instanceof Uint8Array) result[mime] = base64(value);
    else if (Array.isArray(value) && value.every((line) => typeof line === "string"))
      result[mime] = value.join("");
    else if (typeof value === "number" || typeof value === "boolean") result[mime] = String(value);
    else result[mime] = toJson(value);
  }
  const svg = result["image/svg+xml"];
  if (typeof svg === "string") result["image/svg+xml"] = namespacedSvg(svg);
  return Object.keys(result).length === 0 && ownKeys(bundle).length > 0 ? undefined : result;
}

/** An SVG image with its namespace: without it, inline SVG shows, but the same text as an image file doesn't. */
export function namespacedSvg(svg: string): string {
  const [tag] = /<svg\b[^>]*>/.exec(svg) ?? [];
  if (tag === undefined || /\sxmlns\s*=/.test(tag)) return svg;
  return svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
}

/** Bytes as base64 text. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
