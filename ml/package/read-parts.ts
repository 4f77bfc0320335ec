/** @file Files of a model directory, which may come from anywhere: confined to the directory, of a limited size. */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import { confinedFile } from "../graph/confined-path.ts";
import { InvalidInputError } from "../errors.ts";
import { readModel } from "../model-json.ts";
import { decryptBytes, type FileDecryption } from "./encryption/file-cipher.ts";
import { ModelPackageError } from "./errors.ts";
import { lineageFileSchema, type Lineage } from "./evidence.ts";
import { parseMlModel, type MlModel } from "./mlmodel.ts";
import { parseSignature, type ModelSignature } from "./signature.ts";
import type { FileDigests } from "./signing/file-digests.ts";

/** The largest file of each kind, in bytes: the description's is generous, the others are what one text and one read can hold. */
export const limits = { description: 2 ** 20, part: 2 ** 29 - 25, model: 2 ** 31 - 1 } as const;

/** What is held against the bytes of a file before they are used. */
export interface ReadChecks {
  /** The digests of the files that were verified, by each signature: what changed since then is refused. */
  readonly signed?: readonly FileDigests[];
  /** What decrypts the file. */
  readonly decryption?: FileDecryption;
}

/**
 * What the directory's `MLmodel` file says.
 * @throws {@link ModelPackageError} where there is none, or none that Tenon wrote
 */
export async function readDescription(directory: string, checks: ReadChecks = {}): Promise<MlModel> {
  return await readPart(directory, "MLmodel", limits.description, parseMlModel, checks);
}

/**
 * The signature of a model directory alone.
 * @throws {@link ModelPackageError} that names the file, where one is missing, damaged or leads out of the directory
 */
export async function readSignature(directory: string, checks: ReadChecks = {}): Promise<ModelSignature> {
  const { flavors } = await readDescription(directory, checks);
  return await readPart(
    directory,
    flavors.tenon.signature,
    limits.part,
    (text) => parseSignature(JSON.parse(text)),
    checks,
  );
}

/**
 * Where a model directory's model comes from, alone.
 * @throws {@link ModelPackageError} that names the file, where one is missing, damaged or leads out of the directory
 */
export async function readLineage(directory: string): Promise<Lineage> {
  const { flavors } = await readDescription(directory);
  return await readPart(
    directory,
    flavors.tenon.lineage,
    limits.part,
    (text) => readModel("lineage", lineageFileSchema, JSON.parse(text)).lineage,
  );
}

/**
 * What a text file of the directory holds.
 * @throws {@link ModelPackageError} as {@link readBytes}, and for what is no UTF-8
 */
export async function readPart<T>(
  directory: string,
  name: string,
  limit: number,
  parse: (text: string) => T,
  checks: ReadChecks = {},
): Promise<T> {
  return await readBytes(
    directory,
    name,
    limit,
    (bytes) => parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)),
    checks,
  );
}

/**
 * What a file of the directory holds, by the relative name that another of its files gives it.
 * @throws {@link ModelPackageError} where it is missing, too large, leads out of the directory, isn't what was signed, can't be
 * decrypted, or `use` refuses it
 */
export async function readBytes<T>(
  directory: string,
  name: string,
  limit: number,
  use: (bytes: Uint8Array) => T | Promise<T>,
  { signed = [], decryption }: ReadChecks = {},
): Promise<T> {
  const file = confinedFile(directory, name);
  if ("refusal" in file) throw new ModelPackageError(directory, file.refusal, { cause: file.cause });
  if (file.size > limit)
    throw new ModelPackageError(file.path, `it has ${file.size} bytes, more than ${limit}`);
  try {
    const bytes = await readFile(file.path);
    if (signed.length > 0) requireSigned(signed, relative(realpathSync(directory), file.path), bytes);
    return await use(decryption ? await decryptBytes(bytes, decryption) : bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelPackageError(file.path, reason, { cause });
  }
}

function requireSigned(signed: readonly FileDigests[], path: string, bytes: Uint8Array): void {
  const digest = createHash("sha256").update(bytes).digest("hex");
  const name = path.split(sep).join("/");
  if (!signed.every((digests) => digests.get(name) === digest))
    throw new InvalidInputError("it is not what was signed: it changed after it was verified");
}
