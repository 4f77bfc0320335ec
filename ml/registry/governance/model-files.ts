/** @file The files of a version: their digest, who has signed them, and what a package among them says. */
import { createHash } from "node:crypto";
import { sep } from "node:path";
import { InvalidInputError } from "../../errors.ts";
import { readModel as parsePart } from "../../model-json.ts";
import { ModelPackageError } from "../../package/errors.ts";
import { evidenceFileSchema } from "../../package/evidence.ts";
import { limits, readDescription, readPart, readSignature } from "../../package/read-parts.ts";
import { fileDigests } from "../../package/signing/file-digests.ts";
import { type RequiredSigner, SignatureError } from "../../package/signing/index.ts";
import { verifyAny } from "./verify-any.ts";
import type { VersionFiles } from "./version-facts.ts";

/** What the files in a folder say; reads all of them. */
export async function readFolder(folder: string): Promise<VersionFiles | { readonly unreadable: string }> {
  try {
    return {
      digest: await filesDigest(folder),
      signature: await readSignature(folder).catch(unknownSignature),
      evidence: await packageEvidence(folder),
    };
  } catch (error) {
    if (
      error instanceof SignatureError ||
      error instanceof InvalidInputError ||
      error instanceof ModelPackageError
    )
      return { unreadable: withoutFolder(error.message, folder) };
    throw error;
  }
}

/**
 * Why nobody of some has signed a folder's files (OpenSSF Model Signing 1.0, `model.sig` in the folder); undefined where one
 * has.
 */
export async function unsignedFolder(
  folder: string,
  signers: readonly RequiredSigner[],
): Promise<string | undefined> {
  const found = await verifyAny(folder, signers);
  return "files" in found ? undefined : withoutFolder(found.unsigned, folder);
}

/** SHA-256 over the names and digests of all files, but for the signature, which is made after the rest. */
async function filesDigest(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const [name, digest] of await fileDigests(folder, ["model.sig"], undefined))
    hash.update(`${JSON.stringify(name)} ${digest}\n`);
  return hash.digest("hex");
}

async function packageEvidence(folder: string): Promise<VersionFiles["evidence"]> {
  let name: string;
  try {
    name = (await readDescription(folder)).flavors.tenon.evidence;
  } catch (error) {
    // A model that others wrote has none.
    if (error instanceof ModelPackageError) return [];
    throw error;
  }
  const { evidence } = await readPart(folder, name, limits.part, (text) =>
    parsePart("evidence", evidenceFileSchema, JSON.parse(text)),
  );
  return evidence;
}

function unknownSignature(error: unknown): { readonly unknown: string } {
  if (error instanceof ModelPackageError)
    return { unknown: error.message.slice(error.path.length).replace(/^: /, "") };
  throw error;
}

/** Clients need not know where the server keeps its files. */
function withoutFolder(message: string, folder: string): string {
  return message.replaceAll(`${folder}${sep}`, "").replaceAll(folder, "the folder");
}
