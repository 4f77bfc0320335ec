/** @file Keyless signatures: one that was made by model-signing with Sigstore itself, and ours with a Sigstore on this machine. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import {
  generateSigningKeys,
  SignatureError,
  signModel,
  verifyModel,
  type IdentityPolicy,
} from "../../../ml/package/signing/index.ts";
import { readReference } from "../reference.ts";
import { type FakeSigstore, identityToken, issuer, startSigstore } from "./fake-sigstore.ts";

const reference = readReference(
  "keyless",
  v.object({
    files: v.record(v.string(), v.string()),
    issuer: v.string(),
    signature: v.string(),
    trustedRoot: v.string(),
  }),
);
const identity = "https://github.com/acme/models/.github/workflows/train.yml@refs/heads/main";

describe("keyless model signatures", () => {
  let folder = "";
  let sigstore: FakeSigstore;
  const model = (): string => join(folder, "model");
  const refuses = (policy: IdentityPolicy, message: RegExp): Promise<void> =>
    assert.rejects(verifyModel(model(), policy), (error: unknown) => {
      assert.ok(error instanceof SignatureError, String(error));
      assert.match(error.message, message);
      return true;
    });
  const sign = async (token: string, services: object = {}): Promise<void> => {
    const keyless = {
      identityToken: token,
      fulcioUrl: sigstore.url,
      rekorUrl: sigstore.url,
      timestampUrl: sigstore.url,
      ...services,
    };
    await signModel(model(), { keyless });
  };
  before(async () => {
    sigstore = await startSigstore();
  });
  after(() => sigstore.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-keyless-"));
    await mkdir(model());
    for (const [name, content] of Object.entries(reference.files))
      await writeFile(join(model(), name), content);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("made by model-signing with Sigstore are verified, by identity and issuer", async () => {
    await writeFile(join(model(), "model.sig"), reference.signature);
    const { trustedRoot } = reference;
    const certificate = /"rawBytes":"([^"]+)"/.exec(reference.signature)?.[1] ?? "";
    const signer =
      /[\w.]+@[\w.]+\.com/.exec(Buffer.from(certificate, "base64").toString("latin1"))?.[0] ?? "";
    const policy = { identity: signer, issuer: reference.issuer, trustedRoot };
    const { files } = await verifyModel(model(), policy);
    assert.deepEqual([...files.keys()], ["signme-1", "signme-2"]);
    await refuses({ ...policy, identity: "someone@example.com" }, /is by .*, not by someone@example\.com/);
    // What the package's own policy would take for a pattern.
    await refuses({ ...policy, identity: ".*" }, /not by \.\*/);
    await refuses({ ...policy, identity: signer.replace(".", "x") }, /not by/);
    await refuses(
      { ...policy, issuer: "https://accounts.google.com" },
      /vouched for, not https:\/\/accounts/,
    );
    await refuses({ ...policy, trustedRoot: sigstore.trustedRoot }, /can't be verified/);
    await refuses({ ...policy, trustedRoot: "no root" }, /trusted root can't be read/);
    await writeFile(join(model(), "signme-1"), "signme-2");
    await refuses(policy, /changed: signme-1/);
  });

  it("are made with a token and verified", async () => {
    await sign(identityToken(identity));
    const policy = { identity, issuer, trustedRoot: sigstore.trustedRoot };
    const { files, name } = await verifyModel(model(), policy);
    assert.deepEqual([name, [...files.keys()].sort()], ["model", ["ignore-me", "signme-1", "signme-2"]]);
    await refuses({ ...policy, trustedRoot: reference.trustedRoot }, /can't be verified/);
    await refuses({ ...policy, identity: identity.replace("main", "evil") }, /not by/);
    await refuses({ ...policy, issuer: `${issuer}/` }, /vouched for, not/);
    await assert.rejects(
      verifyModel(model(), { publicKey: generateSigningKeys().publicKey }),
      /not by the key method/,
    );
    await writeFile(join(model(), "more"), "x");
    await refuses(policy, /not signed: more/);
  });

  it("that were changed anywhere are refused", async () => {
    await sign(identityToken(identity));
    const policy = { identity, issuer, trustedRoot: sigstore.trustedRoot };
    const path = join(model(), "model.sig");
    const text = await readFile(path, "utf8");
    const schema = v.looseObject({
      verificationMaterial: v.looseObject({
        tlogEntries: v.array(v.looseObject({ canonicalizedBody: v.string(), integratedTime: v.string() })),
      }),
      dsseEnvelope: v.looseObject({ payload: v.string(), payloadType: v.string() }),
    });
    const bundle = v.parse(schema, JSON.parse(text));
    const { verificationMaterial: material, dsseEnvelope: envelope } = bundle;
    const payload = Buffer.from(envelope.payload, "base64").toString();
    const [entry] = material.tlogEntries;
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [null, /no Sigstore bundle/],
      [{ ...bundle, mediaType: "application/json" }, /no Sigstore bundle/],
      [
        {
          ...bundle,
          dsseEnvelope: {
            ...envelope,
            payload: Buffer.from(payload.replace("signme-1", "signme-9")).toString("base64"),
          },
        },
        /can't be verified/,
      ],
      [{ ...bundle, dsseEnvelope: { ...envelope, payloadType: "text/plain" } }, /in-toto statement/],
      [
        { ...bundle, verificationMaterial: { ...material, tlogEntries: [] } },
        /can't be verified|no Sigstore bundle/,
      ],
      [
        {
          ...bundle,
          verificationMaterial: { ...material, tlogEntries: [{ ...entry, integratedTime: "1700000000" }] },
        },
        /can't be verified/,
      ],
      [
        { ...bundle, verificationMaterial: { ...material, certificate: { rawBytes: "AAAA" } } },
        /can't be verified|no Sigstore bundle/,
      ],
    ];
    for (const [changed, message] of cases) {
      await writeFile(path, JSON.stringify(changed));
      await refuses(policy, message);
    }
    await writeFile(path, text.slice(0, -2));
    await refuses(policy, /is no JSON/);
    await signModel(model(), { privateKey: generateSigningKeys().privateKey });
    await refuses(policy, /made by the key method/);
  });

  it("are not made without a token, or where a service refuses; tokens stand in no error", async () => {
    const token = identityToken(identity);
    const fails = (promise: Promise<unknown>, message: RegExp): Promise<void> =>
      assert.rejects(promise, (error: unknown) => {
        assert.ok(error instanceof SignatureError, String(error));
        assert.match(error.message, message);
        assert.ok(!`${error.stack} ${String(error.cause)}`.includes(token.slice(0, 60)));
        return true;
      });
    await fails(sign("no token"), /identity token|gave no certificate/);
    sigstore.refuse(true);
    try {
      await fails(sign(token), /Fulcio gave no certificate/);
    } finally {
      sigstore.refuse(false);
    }
    await fails(sign(token, { rekorUrl: `${sigstore.url}/none` }), /Rekor made no entry/);
    await fails(
      sign(token, { timestampUrl: `${sigstore.url}/none` }),
      /timestamp authority gave no timestamp/,
    );
    await assert.rejects(readFile(join(model(), "model.sig")), { code: "ENOENT" });
  });
});
