/**
 * @file Fingerprints of data that a fit learns from: the same data has the same digest.
 *
 * Arrays beyond a few megabytes, files beyond {@link wholeFileBytes} and tables of many rows that no file holds are told by parts of
 * them, which the fingerprint says.
 */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { types } from "node:util";
import type { FileStamp } from "../../data/file-stamps.ts";
import type { TableSource } from "../../data/table-source.ts";
import type { DenseMatrix } from "../../dense-matrix.ts";
import { fileChunks } from "../../file-chunks.ts";
import type { Dataset } from "../../nn/training/dataset.ts";
import type { Tree } from "../../graph/trees.ts";
import { redactSecrets } from "./redact.ts";
import { shownPath } from "./source.ts";

/** A file that a table reads. */
export interface FileFingerprint {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly sha256: string;
  /** Whether the digest is of the beginning, the middle and the end only. */
  readonly isPartial: boolean;
}

/** What tells data from other data. */
export interface DataFingerprint {
  readonly kind: "table" | "matrix" | "array" | "dataset";
  /** 32 hexadecimal digits. */
  readonly digest: string;
  /** Whether the digest is of part of the data. */
  readonly isPartial: boolean;
  readonly rows?: number;
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly files?: readonly FileFingerprint[];
  /** The table's query, without secrets. */
  readonly sql?: string;
}

/** Files up to this size are read whole. */
export const wholeFileBytes = 64 * 2 ** 20;
/** Arrays up to this size are read whole. */
export const wholeArrayBytes = 4 * 2 ** 20;
/** So many parts of a larger array, of equal size, make up {@link wholeArrayBytes}. */
const parts = 64;
/** The most rows of a table without files that are read. */
const mostRows = 100_000;
/** The most files of a table that are read. */
const mostFiles = 64;
const mostSql = 20_000;

type ArrayData = readonly unknown[] | NodeJS.TypedArray;

/**
 * The fingerprint of a table, a matrix, a dataset or an array; undefined for anything else, and where it can't be read. Arrays
 * are read before this returns, so that they may change after.
 */
export function fingerprint(data: unknown): Promise<DataFingerprint | undefined> {
  try {
    return Promise.resolve(dispatch(data)).catch(() => undefined);
  } catch {
    return Promise.resolve(undefined);
  }
}

function dispatch(data: unknown): DataFingerprint | Promise<DataFingerprint> | undefined {
  if (isTable(data)) return ofTable(data);
  if (isDataset(data)) return ofDataset(data);
  if (isMatrix(data)) return ofMatrix(data);
  if (Array.isArray(data) || types.isTypedArray(data)) {
    const array: ArrayData = data;
    const { digest, isPartial } = digestOf([array]);
    return { kind: "array", digest, isPartial, rows: array.length };
  }
  return undefined;
}

// By their parts and not by their classes, whose modules need not be loaded for this.
function isTable(data: unknown): data is TableSource & { readonly files?: readonly FileStamp[] } {
  const { database, sql, columns } = Object(data) as Partial<Record<keyof TableSource, unknown>>;
  return typeof database === "object" && typeof sql === "string" && Array.isArray(columns);
}

function isDataset(data: unknown): data is Pick<Dataset<Tree>, "rows" | "columns"> {
  const { rows, columns } = Object(data) as { readonly rows?: unknown; readonly columns?: unknown };
  return typeof rows === "number" && typeof columns === "function";
}

function isMatrix(data: unknown): data is DenseMatrix {
  const { data: numbers, rows, columns } = Object(data) as Partial<Record<keyof DenseMatrix, unknown>>;
  return (
    (numbers instanceof Float32Array || numbers instanceof Float64Array) &&
    typeof rows === "number" &&
    Array.isArray(columns)
  );
}

function ofMatrix({ data, rows, columns }: DenseMatrix): DataFingerprint {
  const { digest, isPartial } = digestOf([data], JSON.stringify([rows, columns]));
  const type = data instanceof Float32Array ? "float32" : "float64";
  return { kind: "matrix", digest, isPartial, rows, columns: columns.map((name) => ({ name, type })) };
}

async function ofDataset(data: Pick<Dataset<Tree>, "rows" | "columns">): Promise<DataFingerprint> {
  const columns = Object.entries(await data.columns());
  const described = columns.map(([name, { dtype, shape }]) => ({
    name,
    type: `${dtype}[${shape.slice(1).join(",")}]`,
  }));
  const { digest, isPartial } = digestOf(
    columns.map(([, column]) => column.data),
    JSON.stringify([data.rows, described]),
  );
  return { kind: "dataset", digest, isPartial, rows: data.rows, columns: described };
}

async function ofTable(
  table: TableSource & { readonly files?: readonly FileStamp[] },
): Promise<DataFingerprint> {
  const { files: stamps = [], sql } = table;
  const columns = table.columns.map(({ name, type }) => ({ name, type }));
  const described = { kind: "table", columns, sql: redactSecrets(sql).text.slice(0, mostSql) } as const;
  if (stamps.length === 0) return { ...described, ...(await ofRows(table, columns)), files: [] };
  const files: FileFingerprint[] = [];
  for (const stamp of stamps.slice(0, mostFiles)) files.push(await ofFile(stamp));
  const contents = files.map(({ sha256, size }) => [sha256, size]);
  return {
    ...described,
    digest: shortDigest([sql, columns, contents]),
    isPartial: files.length < stamps.length || files.some(({ isPartial }) => isPartial),
    files,
  };
}

/** The digest of rows that no file holds, by DuckDB's hash of each, in any order; the first ones where there are many. */
async function ofRows(
  { database, sql }: TableSource,
  columns: DataFingerprint["columns"],
): Promise<Pick<DataFingerprint, "digest" | "isPartial" | "rows">> {
  // What comes from a network is not fetched once more.
  if (/[a-z][a-z0-9+.-]*:\/\//i.test(sql)) return { digest: shortDigest([columns, sql]), isPartial: true };
  const { rows } = await database.query(
    `SELECT count(*)::DOUBLE AS count, bit_xor(hash(part))::VARCHAR AS hash, sum(hash(part) % 4294967296)::VARCHAR AS sum
     FROM (SELECT * FROM (${sql}\n) LIMIT ${mostRows + 1}) AS part`,
  );
  const { count, hash, sum } = rows[0] ?? {};
  const isPartial = Number(count) > mostRows;
  return {
    digest: shortDigest([columns, count, hash, sum]),
    isPartial,
    ...(!isPartial && { rows: Number(count) }),
  };
}

function shortDigest(content: unknown): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 32);
}

/** Digests of files as they were, by path, size and time. */
const known = new Map<string, Promise<Pick<FileFingerprint, "sha256" | "isPartial">>>();
const mostKnown = 1_000;

async function ofFile({ path, size, modified }: FileStamp): Promise<FileFingerprint> {
  const key = JSON.stringify([path, size, modified]);
  let found = known.get(key);
  if (!found) {
    found = size <= wholeFileBytes ? wholeFile(path) : partsOfFile(path, size);
    if (known.size >= mostKnown) known.clear();
    known.set(key, found);
    // What failed is tried again.
    found.catch(() => known.delete(key));
  }
  return { path: shownPath(path), size, modified, ...(await found) };
}

async function wholeFile(path: string): Promise<Pick<FileFingerprint, "sha256" | "isPartial">> {
  const hash = createHash("sha256");
  for await (const chunk of fileChunks(path)) hash.update(chunk);
  return { sha256: hash.digest("hex"), isPartial: false };
}

async function partsOfFile(
  path: string,
  size: number,
): Promise<Pick<FileFingerprint, "sha256" | "isPartial">> {
  const hash = createHash("sha256").update(String(size));
  const part = Buffer.alloc(2 ** 20);
  const file = await open(path);
  try {
    for (const at of [0, Math.floor(size / 2), size - part.length]) {
      const { bytesRead } = await file.read(part, 0, part.length, at);
      hash.update(part.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
  return { sha256: hash.digest("hex"), isPartial: true };
}

/** A digest of arrays, read now. */
function digestOf(arrays: readonly ArrayData[], about = ""): Pick<DataFingerprint, "digest" | "isPartial"> {
  const hash = createHash("sha256").update(about);
  let isPartial = false;
  for (const array of arrays) {
    hash.update(`\0${array.length}:${Object.prototype.toString.call(array)}\0`);
    const bytes = ArrayBuffer.isView(array) ? array.BYTES_PER_ELEMENT : 8;
    const whole = array.length * bytes <= wholeArrayBytes;
    isPartial ||= !whole;
    for (const [from, to] of whole
      ? [[0, array.length] as const]
      : spans(array.length, wholeArrayBytes / bytes))
      hash.update(bytesOf(array, from, to));
  }
  return { digest: hash.digest("hex").slice(0, 32), isPartial };
}

/** Parts at equal distances, the first and the last elements among them. */
function spans(length: number, read: number): (readonly [from: number, to: number])[] {
  const each = Math.floor(read / parts);
  return Array.from({ length: parts }, (_, at) => {
    const from = Math.floor(((length - each) / (parts - 1)) * at);
    return [from, from + each] as const;
  });
}

function bytesOf(array: ArrayData, from: number, to: number): Uint8Array {
  if (ArrayBuffer.isView(array)) {
    const size = array.BYTES_PER_ELEMENT;
    return new Uint8Array(array.buffer, array.byteOffset + from * size, (to - from) * size);
  }
  return Buffer.from(JSON.stringify(array.slice(from, to)));
}
