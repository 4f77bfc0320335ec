import { basename, join, resolve } from "node:path";
import { writeFileAtomically } from "../../atomic-file.ts";
import { notebookHost } from "../../notebook-host.ts";
import { signBundle } from "./bundle.ts";
import { fileDigests, nameInside } from "./file-digests.ts";
import { readPrivateKey } from "./keys.ts";
import { SignatureError } from "./signature-error.ts";
import { type SignedModel, writeStatement } from "./statement.ts";

/** The name of a signature where none is given, in the model's folder. */
export const defaultSignature = "model.sig";

/** What `model-signing` leaves out unless told otherwise, so that a clone and a download have one signature. */
const gitPaths = [".git", ".gitattributes", ".github", ".gitignore"];

/** How a model is signed. */
export interface SignModelOptions {
  /** The private key in PEM, on P-256, P-384 or P-521. */
  readonly privateKey: string;
  /** What opens the key where it is encrypted. */
  readonly passphrase?: string;
  /** Where the signature is written; `model.sig` in the folder if not given. */
  readonly signature?: string;
  /** Files and folders, relative to the folder, that are not part of the model. */
  readonly ignorePaths?: readonly string[];
  /** Stops the hashing, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/**
 * Signs a model: every file of its folder, by SHA-256, in a Sigstore bundle as of OpenSSF Model Signing 1.0 (method `key`).
 * Nothing is asked of the network. Git's files and the signature itself are left out, and the signature says so.
 * @returns what was signed
 * @throws {@link SignatureError} for links in the folder, for a folder without files and for keys that can't be used
 */
export async function signModel(folder: string, options: SignModelOptions): Promise<SignedModel> {
  const privateKey = readPrivateKey(options.privateKey, options.passphrase);
  const path = options.signature ?? join(folder, defaultSignature);
  const inside = nameInside(folder, path);
  const ignored = [
    ...new Set([
      ...(options.ignorePaths ?? []).map((name) => requireInside(folder, name)),
      ...(inside === undefined ? [] : [inside]),
      ...gitPaths,
    ]),
  ];
  const files = await fileDigests(folder, ignored, options.signal ?? notebookHost()?.signal);
  if (files.size === 0) throw new SignatureError(`${folder} holds no files to sign`);
  const model = { name: basename(resolve(folder)), files, ignored };
  await writeFileAtomically(path, [Buffer.from(signBundle(writeStatement(model), privateKey))]);
  return model;
}

function requireInside(folder: string, name: string): string {
  const inside = nameInside(folder, join(folder, name));
  if (inside === undefined) throw new SignatureError(`${name} to be ignored is not in ${folder}`);
  return inside;
}
