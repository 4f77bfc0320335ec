/** @file Keys of model signatures: elliptic curves, as Sigstore's bundles allow them for the key method. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { SignatureError } from "./signature-error.ts";

/** The hash that belongs to each curve that is allowed (Sigstore's `PublicKeyDetails`). */
const curveHashes: ReadonlyMap<string, string> = new Map([
  ["prime256v1", "sha256"],
  ["secp384r1", "sha384"],
  ["secp521r1", "sha512"],
]);

/** A pair of keys as PEM texts: PKCS#8 and SubjectPublicKeyInfo. */
export interface SigningKeys {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Makes a pair of keys on the curve P-256. */
export function generateSigningKeys(): SigningKeys {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "prime256v1",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return { privateKey, publicKey };
}

/**
 * Reads a private key in PEM.
 * @throws {@link SignatureError} where it is no private key on P-256, P-384 or P-521, or the passphrase doesn't open it
 */
export function readPrivateKey(pem: string, passphrase: string | undefined): KeyObject {
  return checked("private key", () =>
    createPrivateKey({ key: pem, format: "pem", ...(passphrase === undefined ? {} : { passphrase }) }),
  );
}

/**
 * Reads a public key in PEM. A private key is refused, though its public half could be had: whoever verifies needs none.
 * @throws {@link SignatureError} where it is no public key on P-256, P-384 or P-521
 */
export function readPublicKey(pem: string): KeyObject {
  if (/PRIVATE KEY-----/.test(pem))
    throw new SignatureError("this is a private key; verifying takes the public one");
  return checked("public key", () => createPublicKey({ key: pem, format: "pem" }));
}

/** The hash that signatures of this key are made over. */
export function hashOf(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  const hash = curveHashes.get(curve);
  if (hash === undefined)
    throw new SignatureError(
      `the key is ${curve === "" ? `of the type ${key.asymmetricKeyType}` : `on the curve ${curve}`}; it must be on P-256, P-384 or P-521`,
    );
  return hash;
}

/** How a signature names its key: the SHA-256 of the public key in PEM, in hexadecimal. */
export function keyHint(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "pem" }))
    .digest("hex");
}

function checked(what: string, read: () => KeyObject): KeyObject {
  let key;
  try {
    key = read();
  } catch (cause) {
    throw new SignatureError(
      `the ${what} can't be read: it must be PEM${what === "private key" ? ", with its passphrase where it has one" : ""}`,
      { cause },
    );
  }
  hashOf(key);
  return key;
}
