import { open } from "node:fs/promises";
import { join } from "node:path";
import { notebookHost } from "../../notebook-host.ts";
import { verifyBundle } from "./bundle.ts";
import { type FileDigests, fileDigests, nameInside } from "./file-digests.ts";
import { type IdentityPolicy, verifyKeyless } from "./keyless.ts";
import { readPublicKey } from "./keys.ts";
import { defaultSignature } from "./sign-model.ts";
import { SignatureError } from "./signature-error.ts";
import { readStatement, type SignedModel } from "./statement.ts";

/** No signature of a model comes near: a hundred bytes a file. */
const largestSignature = 64 << 20;

/** Who must have signed: the owner of a key, or an identity. */
export type RequiredSigner =
  | {
      /** The public key in PEM. */
      readonly publicKey: string;
    }
  | IdentityPolicy;

/** How a model is verified. */
export type VerifyModelOptions = RequiredSigner & {
  /** Where the signature is; `model.sig` in the folder if not given. */
  readonly signature?: string;
  /** Stops the hashing, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
};

/**
 * Verifies that a folder holds exactly the files that were signed, each as it was, by a key or, keyless, by an identity (OpenSSF
 * Model Signing 1.0, methods `key` and `sigstore`). What the signature leaves out (Git's files, itself) is not looked at.
 * @returns what was signed: the model's files with their digests
 * @throws {@link SignatureError} for a signature that is not this key's or identity's, and for changed, added, missing and renamed files
 *   and links, all named
 */
export async function verifyModel(folder: string, options: VerifyModelOptions): Promise<SignedModel> {
  const path = options.signature ?? join(folder, defaultSignature);
  const text = await readSignature(path);
  const statement =
    "publicKey" in options
      ? verifyBundle(text, readPublicKey(options.publicKey))
      : await verifyKeyless(text, options);
  const signed = readStatement(statement);
  const inside = nameInside(folder, path);
  const ignored = [...signed.ignored, ...(inside === undefined ? [] : [inside])];
  const found = await fileDigests(folder, ignored, options.signal ?? notebookHost()?.signal);
  const differences = compareFiles(signed.files, found);
  if (differences.length > 0)
    throw new SignatureError(`${folder} is not the model that was signed: ${differences.join("; ")}`);
  return signed;
}

async function readSignature(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > largestSignature)
      throw new SignatureError(`${path}: ${size} bytes are too many for a signature`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

function compareFiles(signed: FileDigests, found: FileDigests): string[] {
  const changed = [...signed].filter(([name, digest]) => found.has(name) && found.get(name) !== digest);
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ["changed", changed.map(([name]) => name)],
    ["missing", [...signed.keys()].filter((name) => !found.has(name))],
    ["not signed", [...found.keys()].filter((name) => !signed.has(name))],
  ];
  return groups
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => {
      const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
      return `${what}: ${names.slice(0, 5).join(", ")}${more}`;
    });
}
