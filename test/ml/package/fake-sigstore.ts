/**
 * @file A Sigstore of our own on this machine: certificate authority, certificate log, transparency log and timestamps, by the
 * handlers that Sigstore's own tests use. What they make is real; only who is trusted differs.
 */
import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from "@sigstore/mock";
import * as v from "valibot";

/** A Sigstore that runs. */
export interface FakeSigstore {
  readonly url: string;
  /** The text of its `trusted_root.json`. */
  readonly trustedRoot: string;
  /** Refuses what is asked of it from now on, or no more. */
  refuse(refused: boolean): void;
  close(): Promise<void>;
}

/** Bytes of any kind. */
interface Bytes {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** The issuer that certificates of the fake authority name. */
export const issuer = "https://issuer.example";

/** An identity token as an OpenID provider would make it, signed by no one; the fake authority believes it. */
export function identityToken(identity: string, claims: Readonly<Record<string, unknown>> = {}): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const payload = { iss: issuer, sub: identity, aud: "sigstore", iat: now, exp: now + 600, ...claims };
  return `${part({ alg: "RS256", typ: "JWT" })}.${part(payload)}.${Buffer.from("x").toString("base64url")}`;
}

/** Starts a Sigstore. */
export async function startSigstore(): Promise<FakeSigstore> {
  const keys = (): ReturnType<typeof generateKeyPairSync> =>
    generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ctLog = await initializeCTLog(keys());
  const ca = await initializeCA(keys(), ctLog);
  const tsa = await initializeTSA(keys());
  // It writes 45 ms as ".45", which the verifier refuses: one time in ten.
  Object.assign(tsa, { getCurrentTime: () => new Date(Math.floor(Date.now() / 1000) * 1000) });
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // SAFETY: a server that listens on a port has an address of this kind.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tLog = await initializeTLog(url, keys());
  const rekor = rekorHandler(tLog);
  const handlers = [
    fulcioHandler(ca),
    { ...rekor, fn: async (body: string) => rekor.fn(storedEntry(body)) },
    tsaHandler(tsa),
  ];
  let isRefusing = false;
  server.on("request", (request, response) => {
    void (async () => {
      const body = await text(request);
      const handler = handlers.find(({ path }) => path === request.url);
      if (isRefusing || handler === undefined) {
        response.writeHead(403, { "content-type": "application/json" });
        response.end(JSON.stringify({ code: 403, message: `not allowed: ${body}` }));
        return;
      }
      const { statusCode, response: answer, contentType } = await handler.fn(body);
      response.writeHead(statusCode, { "content-type": contentType ?? "text/plain" });
      response.end(answer);
    })();
  });
  const start = new Date(Date.now() - 3_600_000).toISOString();
  const certChain = (...certificates: readonly Bytes[]): object => ({
    certificates: certificates.map((bytes) => ({ rawBytes: base64(bytes) })),
  });
  const authority = (chain: object): object => ({
    subject: { organization: "fake", commonName: "fake" },
    uri: url,
    certChain: chain,
    validFor: { start },
  });
  const log = (publicKey: Bytes, keyId: Bytes): object => ({
    baseUrl: url,
    hashAlgorithm: "SHA2_256",
    publicKey: {
      rawBytes: base64(publicKey),
      keyDetails: "PKIX_ECDSA_P256_SHA_256",
      validFor: { start },
    },
    logId: { keyId: base64(keyId) },
  });
  return {
    url,
    trustedRoot: JSON.stringify({
      mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      tlogs: [log(tLog.publicKey, createHash("sha256").update(tLog.publicKey).digest())],
      certificateAuthorities: [authority(certChain(ca.rootCertificate))],
      ctlogs: [log(ctLog.publicKey, ctLog.logID)],
      timestampAuthorities: [authority(certChain(tsa.intCertificate, tsa.rootCertificate))],
    }),
    refuse: (refused) => {
      isRefusing = refused;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function base64({ buffer, byteOffset, byteLength }: Bytes): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

const proposalSchema = v.object({
  spec: v.object({ proposedContent: v.object({ envelope: v.string(), verifiers: v.tuple([v.string()]) }) }),
});
const envelopeSchema = v.object({
  payload: v.string(),
  signatures: v.tuple([v.object({ sig: v.string() })]),
});

/** What Rekor keeps of a proposed entry of the kind `dsse`: digests, signature and certificate. The handler keeps it as it came. */
function storedEntry(body: string): string {
  const { envelope, verifiers } = v.parse(proposalSchema, JSON.parse(body)).spec.proposedContent;
  const { payload, signatures } = v.parse(envelopeSchema, JSON.parse(envelope));
  const certificate = new X509Certificate(Buffer.from(verifiers[0], "base64"));
  const digest = (content: string | Buffer): object => ({
    algorithm: "sha256",
    value: createHash("sha256").update(content).digest("hex"),
  });
  return JSON.stringify({
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      envelopeHash: digest(envelope),
      payloadHash: digest(Buffer.from(payload, "base64")),
      signatures: [
        { signature: signatures[0].sig, verifier: Buffer.from(certificate.toString()).toString("base64") },
      ],
    },
  });
}
