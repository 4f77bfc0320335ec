/** @file Where artifacts are kept: files by relative paths, whatever holds them. */
import type { Readable } from "node:stream";
import { invalidParameter } from "../mlflow-error.ts";

/** An entry of a folder as MLflow's JSON has it. */
export interface FileInfo {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

export interface OpenFile {
  /** In bytes. */
  readonly size: number;
  readonly stream: Readable;
}

/** Paths are those that {@link safePath} gives. */
export interface ArtifactStorage {
  /** The folder of this machine that they are in, where it is one. */
  readonly folder?: string;
  /** The entries of a folder by name; none where it is not there. `prefix` is put before each name. */
  list(path: string, prefix?: string): Promise<readonly FileInfo[]>;
  /** Opens a file. Throws MLflow's RESOURCE_DOES_NOT_EXIST where there is none. */
  open(path: string): Promise<OpenFile>;
  /** Writes a file as it comes in; its name holds the old content or the new, whole. */
  save(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Removes a file, or a folder with all that is in it. Throws MLflow's RESOURCE_DOES_NOT_EXIST where there is none. */
  remove(path: string): Promise<void>;
}

/** Throws MLflow's error unless a path stays below where it is put. */
export function safePath(path: string): string {
  let decoded = path;
  // What a later step might decode again counts too.
  for (let before = ""; before !== decoded;) {
    before = decoded;
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      break;
    }
  }
  const parts = decoded.split("/");
  const absolute = decoded.startsWith("/") || /^[a-zA-Z]:/.test(decoded) || /^file:/i.test(decoded);
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  if (absolute || parts.includes("..") || /[#\\\u0000-\u001F\u007F]/.test(decoded))
    throw invalidParameter("Invalid path");
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}
