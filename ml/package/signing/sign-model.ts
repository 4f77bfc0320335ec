import { basename, join, resolve } from "node:path";
import { writeFileAtomically } from "../../atomic-file.ts";
import { notebookHost } from "../../notebook-host.ts";
import { signBundle } from "./bundle.ts";
import { fileDigests, nameInside } from "./file-digests.ts";
import { type KeylessOptions, signKeyless } from "./keyless.ts";
import { readPrivateKey } from "./keys.ts";
import { SignatureError } from "./signature-error.ts";
import { type SignedModel, writeStatement } from "./statement.ts";

/** The name of a signature where none is given, in the model's folder. */
export const defaultSignature = "model.sig";

/** What `model-signing` leaves out unless told otherwise, so that a clone and a download have one signature. */
const gitPaths = [".git", ".gitattributes", ".github", ".gitignore"];

/** Who signs: the owner of a key, or an identity. */
export type Signing =
  | {
      /** The private key in PEM, on P-256, P-384 or P-521. */
      readonly privateKey: string;
      /** What opens the key where it is encrypted. */
      readonly passphrase?: string;
    }
  | {
      /** Signs with a certificate that an identity is given; `{}` takes the environment's. */
      readonly keyless: KeylessOptions;
    };

/** How a model is signed. */
export type SignModelOptions = Signing & {
  /** Where the signature is written; `model.sig` in the folder if not given. */
  readonly signature?: string;
  /** Files and folders, relative to the folder, that are not part of the model. */
  readonly ignorePaths?: readonly string[];
  /** Stops the hashing, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
};

/**
 * Signs a model: every file of its folder, by SHA-256, in a Sigstore bundle as of OpenSSF Model Signing 1.0 (methods `key` and
 * `sigstore`). Git's files and the signature itself are left out, and the signature says so. With a key nothing is asked of the
 * network; keyless, the statement (names and digests of the files) goes to the transparency log as a digest, and the identity.
 * @returns what was signed
 * @throws {@link SignatureError} for links in the folder, for a folder without files, for keys that can't be used, and where a
 * certificate is refused
 */
export async function signModel(folder: string, options: SignModelOptions): Promise<SignedModel> {
  const sign = signerOf(options);
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
  await writeFileAtomically(path, [Buffer.from(await sign(writeStatement(model)))]);
  return model;
}

/** What makes a bundle of a statement; a key is read now, so that a wrong one costs no hashing. */
function signerOf(signing: Signing): (statement: Buffer) => string | Promise<string> {
  if ("keyless" in signing) return async (statement) => signKeyless(statement, signing.keyless);
  const privateKey = readPrivateKey(signing.privateKey, signing.passphrase);
  return (statement) => signBundle(statement, privateKey);
}

function requireInside(folder: string, name: string): string {
  const inside = nameInside(folder, join(folder, name));
  if (inside === undefined) throw new SignatureError(`${name} to be ignored is not in ${folder}`);
  return inside;
}
