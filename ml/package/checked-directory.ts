/** @file What is asked of a model directory before anything in it is looked at: who signed it, and what decrypts it. */
import type { KeyObject } from "node:crypto";
import { decryptionOf, type EncryptionFormat, type FileDecryption } from "./encryption/file-cipher.ts";
import { ModelPackageError } from "./errors.ts";
import type { MlModel } from "./mlmodel.ts";
import { readDescription, type ReadChecks } from "./read-parts.ts";
import type { FileDigests } from "./signing/file-digests.ts";
import { SignatureError } from "./signing/signature-error.ts";
import { verifyModel, type VerifyModelOptions } from "./signing/verify-model.ts";

/** What is asked of a directory before it is read, and what reads it. */
export interface ReadModelOptions {
  /**
   * Who must have signed the directory. It is verified before anything in it is looked at, and what is read is held against what was
   * verified. What is unsigned or otherwise signed is refused.
   */
  readonly verify?: VerifyModelOptions;
  /** Decrypts an encrypted directory, in memory: the plain model doesn't touch the disk. */
  readonly decryption?: KeyObject | FileDecryption;
}

/** A directory that may be read. */
export interface CheckedDirectory {
  readonly description: MlModel;
  /** For the parts that are never encrypted. */
  readonly plain: ReadChecks;
  /** For the graph, the pipeline and the recorded rows. */
  readonly secret: ReadChecks;
}

/**
 * Verifies a directory's signature, where one is asked for, and reads its description.
 * @param verified what was verified of it before, such as by a policy: what is read is held against these too
 * @throws {@link SignatureError} where it isn't signed as `verify` asks; {@link ModelPackageError} where the description is none, or
 * the directory is encrypted and what decrypts it is missing or of another format
 */
export async function checkDirectory(
  directory: string,
  { verify, decryption }: ReadModelOptions,
  verified: readonly FileDigests[] = [],
): Promise<CheckedDirectory> {
  const plain: ReadChecks = {
    signed: verify ? [...verified, await requireSignature(directory, verify)] : verified,
  };
  const description = await readDescription(directory, plain);
  const { encryption: format } = description.flavors.tenon;
  const secret = format ? { ...plain, decryption: decryptionFor(directory, format, decryption) } : plain;
  return { description, plain, secret };
}

/** The digests of the directory's files, once its signature is verified. */
async function requireSignature(directory: string, verify: VerifyModelOptions): Promise<FileDigests> {
  try {
    return (await verifyModel(directory, verify)).files;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      throw new SignatureError(`${directory} is not signed, and must be to be read`, { cause });
    throw cause;
  }
}

function decryptionFor(
  directory: string,
  format: EncryptionFormat,
  key: KeyObject | FileDecryption | undefined,
): FileDecryption {
  if (key === undefined)
    throw new ModelPackageError(
      directory,
      `it is encrypted by ${format}: give what decrypts it as decryption`,
    );
  const decryption = decryptionOf(key);
  if (decryption.format !== format)
    throw new ModelPackageError(
      directory,
      `it is encrypted by ${format}, and what was given decrypts ${decryption.format}`,
    );
  return decryption;
}
