/** @file The files of a version, where this machine keeps them: their digest, and what a package among them says. */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidInputError } from "../../errors.ts";
import { readModel as parsePart } from "../../model-json.ts";
import { ModelPackageError } from "../../package/errors.ts";
import { evidenceFileSchema } from "../../package/evidence.ts";
import { limits, readDescription, readPart, readSignature } from "../../package/read-parts.ts";
import { fileDigests } from "../../package/signing/file-digests.ts";
import { SignatureError, verifyModel } from "../../package/signing/index.ts";
import { safePath } from "../server/artifact-files.ts";
import { loggedModelLocation } from "../store/logged-models.ts";
import { modelVersionLocation } from "../store/model-versions.ts";
import { findRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { VersionFiles } from "./version-facts.ts";

/** Where files are, or why they can't be read here. */
export type ModelFolder = { readonly folder: string } | { readonly unreadable: string };

/** The folder of a version's files. Throws MLflow's error where there is no such version. */
export async function modelFolder(store: Store, name: string, version: string): Promise<ModelFolder> {
  return folderOf(store, await modelVersionLocation(store, name, version));
}

async function folderOf(store: Store, location: string): Promise<ModelFolder> {
  const run = /^runs:\/+([^/]+)\/?(.*)$/.exec(location);
  if (run) {
    const { artifactUri } = await findRun(store, run[1] ?? "");
    return folderOf(store, `${artifactUri}/${run[2] ?? ""}`);
  }
  const logged = /^models:\/+([^/@]+)$/.exec(location)?.[1];
  if (logged !== undefined) return folderOf(store, await loggedModelLocation(store, logged));
  const kept = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(location)?.[1];
  if (kept !== undefined) return existing(join(store.artifactFolder, safePath(kept)), store.artifactFolder);
  if (location.startsWith("file:")) return existing(fileURLToPath(location));
  if (location.startsWith("/") || /^[a-zA-Z]:[\\/]/.test(location)) return existing(location);
  return { unreadable: `its files are at ${location}, which is not this server's` };
}

async function existing(folder: string, root?: string): Promise<ModelFolder> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) return { unreadable: "its files are not there" };
  const inside = root === undefined ? undefined : `${await realpath(root)}${sep}`;
  if (inside !== undefined && !real.startsWith(inside)) return { unreadable: "its files are outside" };
  return { folder: real };
}

/** What a version's files say; reads all of them. */
export async function readFiles(found: ModelFolder): Promise<VersionFiles | { readonly unreadable: string }> {
  if ("unreadable" in found) return found;
  const { folder } = found;
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
 * Why none of some public keys has signed a folder's files (OpenSSF Model Signing 1.0, `model.sig` in the folder); undefined
 * where one has.
 */
export async function unsignedReason(
  found: ModelFolder,
  keys: readonly string[],
): Promise<string | undefined> {
  if ("unreadable" in found) return `its signature can't be verified: ${found.unreadable}`;
  const reasons = new Set<string>();
  for (const publicKey of keys)
    try {
      await verifyModel(found.folder, { publicKey });
      return undefined;
    } catch (error) {
      const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isAbsent && !(error instanceof SignatureError)) throw error;
      reasons.add(isAbsent ? "it is not signed" : withoutFolder(error.message, found.folder));
    }
  return [...reasons].join("; ");
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
