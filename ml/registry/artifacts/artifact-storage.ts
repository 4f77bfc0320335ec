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

/** A part that a client has sent to the storage. */
export interface SentPart {
  readonly number: number;
  /** What the storage answered as its `ETag`. */
  readonly tag: string;
}

/** Uploads whose parts clients send to the storage themselves. Paths are those that {@link safePath} gives. */
export interface PartUploads {
  /** Begins an upload: its id, and a URL for each part, which may be put there for an hour. */
  begin(path: string, parts: number): Promise<{ readonly id: string; readonly urls: readonly string[] }>;
  /** Makes a file of parts that are there. Throws MLflow's error where the upload or a part is not as told. */
  complete(path: string, id: string, parts: readonly SentPart[]): Promise<void>;
  /** Gives up an upload and its parts. */
  abort(path: string, id: string): Promise<void>;
}

/** Paths are those that {@link safePath} gives. */
export interface ArtifactStorage {
  /** Undefined where all files go through the server. */
  readonly partUploads?: PartUploads;
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
