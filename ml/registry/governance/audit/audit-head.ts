/**
 * @file The head of an audit log: its last hash, signed, to be kept where who can change the store can't. It is a DSSE
 * envelope, which other tools can verify too.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import * as v from "valibot";
import { preAuthenticationEncoding } from "../../../package/signing/dsse.ts";
import { hashOf, keyHint } from "../../../package/signing/keys.ts";
import { SignatureError } from "../../../package/signing/index.ts";
import { canonicalJson } from "../canonical-json.ts";

const payloadType = "application/vnd.tenon.audit-head.v1+json";

const headSchema = v.object({
  version: v.literal(1),
  sequence: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hexadecimal")),
  at: v.pipe(v.string(), v.isoTimestamp()),
});

/** What stands for all entries of a log. */
export interface AuditHead {
  /** The number of the last entry; 0 where there is none. */
  readonly sequence: number;
  /** The hash of the last entry. */
  readonly hash: string;
  /** When the head was taken, as an ISO text. */
  readonly at: string;
}

const base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]*={0,2}$/, "must be Base64"));
const envelopeSchema = v.object({
  payload: base64,
  payloadType: v.literal(payloadType),
  signatures: v.tuple([v.object({ keyid: v.string(), sig: base64 })]),
});

/**
 * Signs a head with a private key in PEM (Ed25519, or P-256, P-384, P-521 as for models).
 * @returns the envelope as JSON
 * @throws {@link SignatureError} where the key can't be used
 */
export function signHead(head: AuditHead, privateKeyPem: string, passphrase?: string): string {
  const key = readKey("private key", () =>
    createPrivateKey({ key: privateKeyPem, ...(passphrase !== undefined && { passphrase }) }),
  );
  const { sequence, hash, at } = head;
  const payload = Buffer.from(canonicalJson({ version: 1, sequence, hash, at }));
  const signature = sign(digestOf(key), preAuthenticationEncoding(payloadType, payload), key);
  const envelope: v.InferInput<typeof envelopeSchema> = {
    payload: payload.toString("base64"),
    payloadType,
    signatures: [{ keyid: keyHint(createPublicKey(key)), sig: signature.toString("base64") }],
  };
  return JSON.stringify(envelope);
}

/**
 * The head in an envelope, once its signature is verified.
 * @throws {@link SignatureError} for what is no such envelope, and for signatures that are not this key's
 */
export function verifyHead(text: string, publicKeyPem: string): AuditHead {
  if (/PRIVATE KEY-----/.test(publicKeyPem))
    throw new SignatureError("this is a private key; verifying takes the public one");
  const key = readKey("public key", () => createPublicKey(publicKeyPem));
  const { payload, signatures } = parsed("signed head of an audit log", envelopeSchema, text);
  const bytes = Buffer.from(payload, "base64");
  const [{ keyid, sig }] = signatures;
  if (keyid !== "" && keyid !== keyHint(key))
    throw new SignatureError("the head is signed by another key: its id is not the public key's hash");
  if (!verify(digestOf(key), preAuthenticationEncoding(payloadType, bytes), key, Buffer.from(sig, "base64")))
    throw new SignatureError("the head's signature is not valid for this key");
  const { sequence, hash, at } = parsed("head of an audit log", headSchema, bytes.toString());
  return { sequence, hash, at };
}

/** Ed25519 hashes by itself. */
function digestOf(key: KeyObject): string | null {
  return key.asymmetricKeyType === "ed25519" ? null : hashOf(key);
}

function readKey(what: string, read: () => KeyObject): KeyObject {
  let key;
  try {
    key = read();
  } catch (cause) {
    throw new SignatureError(
      `the ${what} can't be read: it must be PEM, with its passphrase where it has one`,
      {
        cause,
      },
    );
  }
  digestOf(key);
  return key;
}

function parsed<const S extends v.GenericSchema>(what: string, schema: S, text: string): v.InferOutput<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SignatureError(`this is no ${what}: it is no JSON`, { cause });
  }
  const read = v.safeParse(schema, json);
  if (read.success) return read.output;
  const [issue] = read.issues;
  throw new SignatureError(`this is no ${what}: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`);
}
