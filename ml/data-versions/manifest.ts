/**
 * @file The manifest of a snapshot, version 1: which files it holds, and what is known of those that are tables.
 *
 * A snapshot's digest is the SHA-256 of its files' names and digests, so that the same content has the same digest whenever
 * and wherever it is taken. What is computed from the content (statistics, whose last digits may differ between machines)
 * isn't part of it; `checksum` covers the whole manifest, so that damage is noticed there too.
 */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { DataVersionError } from "./errors.ts";

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "it must be a SHA-256 in hexadecimal"));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const measure = v.pipe(v.number(), v.finite());

/** The names that a snapshot may have: they are parts of file names, on every system. */
export const snapshotName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The path of a file in a snapshot: relative, with "/" between folders, never out of it. */
const path = v.pipe(
  v.string(),
  v.check((text) => isInside(text), "it must be a relative path without . and .."),
);

const columnSchema = v.object({
  name: v.string(),
  /** As types of tables name it: `int64`, `string`, … */
  type: v.string(),
  /** DuckDB's name, which says more of lists, structs and decimals. */
  nativeType: v.string(),
  nulls: count,
  /** How many different values there are, about: within some per cent. */
  distinct: v.optional(count),
  /** Of numbers, dates, times and truth values; a text where a number can't hold it. NaN and infinities are left out. */
  min: v.optional(v.union([measure, v.string()])),
  max: v.optional(v.union([measure, v.string()])),
  mean: v.optional(measure),
  /** Of the sample: divided by n - 1. */
  standardDeviation: v.optional(measure),
  /** Code points of the shortest and the longest text. */
  minLength: v.optional(count),
  maxLength: v.optional(count),
});

const tableSchema = v.object({
  path,
  rows: count,
  /** The same for the same columns and rows in whatever order and whatever format. */
  contentHash: sha256,
  columns: v.array(columnSchema),
});

const fileSchema = v.object({
  path,
  size: count,
  sha256,
  executable: v.optional(v.literal(true)),
});

const manifestSchema = v.object({
  version: v.literal(1),
  name: v.pipe(v.string(), v.regex(snapshotName, "it is no snapshot's name")),
  digest: sha256,
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  /** `file` where the snapshot is that of one file, which is checked out as a file; `folder` of any number of them. */
  kind: v.picklist(["file", "folder"]),
  files: v.array(fileSchema),
  tables: v.array(tableSchema),
});

const sealedSchema = v.object({ ...manifestSchema.entries, checksum: sha256 });

/** A snapshot's file. */
export type SnapshotFile = v.InferOutput<typeof fileSchema>;

/** What is known of a table in a snapshot. */
export type SnapshotTable = v.InferOutput<typeof tableSchema>;

/** What is known of a table's column. */
export type SnapshotColumn = v.InferOutput<typeof columnSchema>;

/** What a snapshot's manifest says. */
export type Manifest = v.InferOutput<typeof manifestSchema>;

/** The digest of a snapshot with these files. */
export function digestOf(kind: Manifest["kind"], files: readonly SnapshotFile[]): string {
  const content = files.map(({ path, size, sha256, executable = false }) => [path, size, sha256, executable]);
  return hash(JSON.stringify(["tenon data snapshot 1", kind, content]));
}

/** The text of a manifest, sealed by its checksum. */
export function manifestText(manifest: Manifest): string {
  const parsed = v.parse(manifestSchema, manifest);
  return `${JSON.stringify({ ...parsed, checksum: checksumOf(parsed) }, undefined, 2)}\n`;
}

/**
 * Reads a manifest.
 * @param subject the snapshot that it should be of, for the error
 * @throws {@link DataVersionError} for what is no manifest, is of another version, was changed, or contradicts itself
 */
export function parseManifest(text: string, subject: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DataVersionError(subject, "its manifest is no JSON", { cause });
  }
  const version: unknown = Object(json).version;
  if (typeof version === "number" && version > 1)
    throw new DataVersionError(
      subject,
      `its manifest is of version ${version}, and 1 is known: update Tenon`,
    );
  const read = v.safeParse(sealedSchema, json);
  if (!read.success) {
    const [issue] = read.issues;
    throw new DataVersionError(
      subject,
      `its manifest is none: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`,
    );
  }
  const { checksum, ...manifest } = read.output;
  if (checksumOf(manifest) !== checksum)
    throw new DataVersionError(subject, "its manifest was changed: it is not what its checksum says");
  if (digestOf(manifest.kind, manifest.files) !== manifest.digest)
    throw new DataVersionError(subject, "its manifest's digest is not that of its files");
  if (new Set(manifest.files.map((file) => file.path)).size !== manifest.files.length)
    throw new DataVersionError(subject, "its manifest names a file twice");
  if (manifest.kind === "file" && manifest.files.length !== 1)
    throw new DataVersionError(subject, "its manifest is of one file, and names another number");
  return manifest;
}

/** Whether a path is relative and stays where it is put, on Windows too. */
export function isInside(path: string): boolean {
  const parts = path.split("/");
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  return parts.every(
    (part) => part !== "" && part !== "." && part !== ".." && !/[\\\u0000]|^[a-z]:/i.test(part),
  );
}

function checksumOf(manifest: Manifest): string {
  // The schema gives fields in its own order, so the text is one for one content.
  return hash(JSON.stringify(v.parse(manifestSchema, manifest)));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
