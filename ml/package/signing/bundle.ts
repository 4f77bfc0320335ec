/**
 * @file The file of a signature: a Sigstore bundle 0.3 around a DSSE envelope, with a key's hint in place of a certificate.
 *
 * What is signed is DSSE's pre-authentication encoding of the statement, never its Base64 text.
 */
import { sign, verify, createPublicKey, type KeyObject } from "node:crypto";
import * as v from "valibot";
import { preAuthenticationEncoding } from "./dsse.ts";
import { hashOf, keyHint } from "./keys.ts";
import { SignatureError } from "./signature-error.ts";
import { statementMediaType } from "./statement.ts";

const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
const payloadType = statementMediaType;

const base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]*={0,2}$/, "must be Base64"));
const bundleSchema = v.object({
  mediaType: v.literal(bundleType),
  verificationMaterial: v.object({
    publicKey: v.optional(v.object({ hint: v.nullish(v.string()) })),
    tlogEntries: v.optional(v.array(v.unknown()), []),
  }),
  dsseEnvelope: v.object({
    payload: base64,
    payloadType: v.literal(payloadType),
    signatures: v.tuple([v.object({ sig: base64, keyid: v.nullish(v.string()) })]),
  }),
});

/** Signs a statement by ECDSA and puts both into a bundle, as JSON. */
export function signBundle(statement: Buffer, privateKey: KeyObject): string {
  const signature = sign(hashOf(privateKey), preAuthenticationEncoding(payloadType, statement), privateKey);
  const bundle: v.InferInput<typeof bundleSchema> = {
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: keyHint(createPublicKey(privateKey)) }, tlogEntries: [] },
    dsseEnvelope: {
      payload: statement.toString("base64"),
      payloadType,
      signatures: [{ sig: signature.toString("base64"), keyid: "" }],
    },
  };
  return JSON.stringify(bundle);
}

/**
 * The statement in a bundle, once its signature is verified.
 * @throws {@link SignatureError} for what is no such bundle and for signatures that are not this key's
 */
export function verifyBundle(text: string, publicKey: KeyObject): Buffer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SignatureError("the signature is no JSON", { cause });
  }
  const read = v.safeParse(bundleSchema, json);
  if (!read.success) {
    const [issue] = read.issues;
    throw new SignatureError(
      `the signature is not a Sigstore bundle 0.3 of one key: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`,
    );
  }
  const { verificationMaterial, dsseEnvelope } = read.output;
  if (verificationMaterial.publicKey === undefined)
    throw new SignatureError("the signature was made with a certificate, not by the key method");
  const hint = verificationMaterial.publicKey.hint ?? "";
  if (hint !== "" && hint !== keyHint(publicKey))
    throw new SignatureError("the signature is by another key: its hint is not the public key's hash");
  const statement = Buffer.from(dsseEnvelope.payload, "base64");
  const signature = Buffer.from(dsseEnvelope.signatures[0].sig, "base64");
  if (!verify(hashOf(publicKey), preAuthenticationEncoding(payloadType, statement), publicKey, signature))
    throw new SignatureError("the signature is not valid for this key");
  return statement;
}
