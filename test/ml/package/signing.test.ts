/** @file Model signatures: signed and verified here, the Python tool's verified, and everything that must be refused. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as v from "valibot";
import {
  generateSigningKeys,
  SignatureError,
  signModel,
  verifyModel,
} from "../../../ml/package/signing/index.ts";
import { readReference } from "../reference.ts";

const { privateKey, publicKey } = generateSigningKeys();
const parts: Readonly<Record<string, string>> = {
  MLmodel: "flavors: {}\n",
  "a/weights.bin": "0123456789",
  "a-b/weights.bin": "9876543210",
  "a.txt": "",
};

describe("model signatures", () => {
  let scratch: string;
  let folder: string;
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  };
  const refuses = (message: RegExp): Promise<void> =>
    assert.rejects(verifyModel(folder, { publicKey }), (error: unknown) => {
      assert.ok(error instanceof SignatureError, String(error));
      assert.match(error.message, message);
      return true;
    });
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), "tenon-signing-"));
    folder = join(scratch, "model");
    await write(parts);
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  it("verifies what it signed, also after the folder was moved", async () => {
    const signed = await signModel(folder, { privateKey });
    assert.deepEqual([...signed.files.keys()], ["MLmodel", "a/weights.bin", "a-b/weights.bin", "a.txt"]);
    await rename(folder, join(scratch, "elsewhere"));
    const verified = await verifyModel(join(scratch, "elsewhere"), { publicKey });
    assert.deepEqual(verified, signed);
    assert.equal(verified.name, "model");
  });

  it("verifies the signature of Python's model-signing", async () => {
    const reference = readReference(
      "model-signing",
      v.object({ files: v.record(v.string(), v.string()), publicKey: v.string(), signature: v.string() }),
    );
    await rm(folder, { recursive: true });
    await write(reference.files);
    await writeFile(join(folder, "model.sig"), reference.signature);
    const { files } = await verifyModel(folder, { publicKey: reference.publicKey });
    assert.equal(files.size, Object.keys(reference.files).length - 1);
    assert.deepEqual(
      [...(await signModel(folder, { privateKey })).files],
      [...files],
      "the order of the files",
    );
  });

  it("takes the curves P-384 and P-521 and keys with a passphrase", async () => {
    for (const namedCurve of ["P-384", "P-521"]) {
      const pair = generateKeyPairSync("ec", {
        namedCurve,
        privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" },
        publicKeyEncoding: { type: "spki", format: "pem" },
      });
      await assert.rejects(signModel(folder, { privateKey: pair.privateKey }), /private key can't be read/);
      await signModel(folder, { privateKey: pair.privateKey, passphrase: "open" });
      await verifyModel(folder, { publicKey: pair.publicKey });
    }
  });

  it("refuses a flipped byte, and added, removed and renamed files", async () => {
    await signModel(folder, { privateKey });
    await write({ "a/weights.bin": "0123456788" });
    await refuses(/changed: a\/weights\.bin$/);
    await write({ "a/weights.bin": "0123456789", "a/more.bin": "" });
    await refuses(/not signed: a\/more\.bin$/);
    await unlink(join(folder, "a/more.bin"));
    await rename(join(folder, "a.txt"), join(folder, "b.txt"));
    await refuses(/missing: a\.txt; not signed: b\.txt$/);
    await unlink(join(folder, "b.txt"));
    await refuses(/missing: a\.txt$/);
    await write({ "a.txt": "" });
    await verifyModel(folder, { publicKey });
  });

  it("refuses links, whether they lead out of the folder or not", async () => {
    await signModel(folder, { privateKey });
    await writeFile(join(scratch, "outside.bin"), "0123456789");
    await unlink(join(folder, "a/weights.bin"));
    await symlink(join(scratch, "outside.bin"), join(folder, "a/weights.bin"));
    await refuses(/a\/weights\.bin is a symbolic link/);
    await assert.rejects(signModel(folder, { privateKey }), SignatureError);
    await unlink(join(folder, "a/weights.bin"));
    await write({ "a/weights.bin": "0123456789" });
    await symlink("a", join(folder, "again"));
    await refuses(/again is a symbolic link/);
  });

  it("leaves out what it was told to, and says so in the signature", async () => {
    await write({ "logs/today.txt": "1" });
    const { ignored } = await signModel(folder, { privateKey, ignorePaths: ["logs"] });
    assert.deepEqual(ignored, ["logs", "model.sig", ".git", ".gitattributes", ".github", ".gitignore"]);
    await write({ "logs/today.txt": "2", ".git/HEAD": "ref" });
    await verifyModel(folder, { publicKey });
    await assert.rejects(
      signModel(folder, { privateKey, ignorePaths: ["../elsewhere"] }),
      /\.\.\/elsewhere to be ignored is not in/,
    );
  });

  it("refuses other keys, and keys that can't sign", async () => {
    await signModel(folder, { privateKey });
    await assert.rejects(
      verifyModel(folder, { publicKey: generateSigningKeys().publicKey }),
      /by another key/,
    );
    await assert.rejects(verifyModel(folder, { publicKey: privateKey }), /takes the public one/);
    await assert.rejects(signModel(folder, { privateKey: publicKey }), /private key can't be read/);
    const rsa = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    await assert.rejects(signModel(folder, { privateKey: rsa.privateKey }), /of the type rsa/);
    await assert.rejects(verifyModel(folder, { publicKey: rsa.publicKey }), /of the type rsa/);
  });

  it("refuses damaged and hostile signatures", async () => {
    await signModel(folder, { privateKey });
    const path = join(folder, "model.sig");
    const text = await readFile(path, "utf8");
    const bundleSchema = v.looseObject({
      verificationMaterial: v.looseObject({}),
      dsseEnvelope: v.looseObject({
        payload: v.string(),
        signatures: v.array(v.looseObject({ sig: v.string() })),
      }),
    });
    const altered = async (change: (bundle: v.InferOutput<typeof bundleSchema>) => unknown): Promise<void> =>
      writeFile(path, JSON.stringify(change(v.parse(bundleSchema, JSON.parse(text)))));
    await writeFile(path, text.slice(0, -3));
    await refuses(/the signature is no JSON/);
    await writeFile(path, "null");
    await refuses(/not a Sigstore bundle/);
    await altered((bundle) => ({ ...bundle, mediaType: "application/vnd.dev.sigstore.bundle.v0.1+json" }));
    await refuses(/mediaType/);
    await altered((bundle) => ({ ...bundle, verificationMaterial: { certificate: { rawBytes: "" } } }));
    await refuses(/not by the key method/);
    await altered(({ dsseEnvelope, ...rest }) => ({
      ...rest,
      dsseEnvelope: { ...dsseEnvelope, signatures: [] },
    }));
    await refuses(/signatures/);
    await altered(({ dsseEnvelope, ...rest }) => {
      const payload = Buffer.from(dsseEnvelope.payload, "base64");
      const changed = Buffer.from(payload.toString().replace("a.txt", "b.txt"));
      return { ...rest, dsseEnvelope: { ...dsseEnvelope, payload: changed.toString("base64") } };
    });
    await refuses(/not valid for this key/);
    await rm(path);
    await assert.rejects(verifyModel(folder, { publicKey }), { code: "ENOENT" });
  });

  it("signs no empty folder and no file, and stops when it is told to", async () => {
    await mkdir(join(scratch, "empty"));
    await assert.rejects(signModel(join(scratch, "empty"), { privateKey }), /holds no files to sign/);
    await assert.rejects(signModel(join(folder, "MLmodel"), { privateKey }), /is no folder/);
    const signal = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(signModel(folder, { privateKey, signal }), /stopped/);
    await assert.rejects(readFile(join(folder, "model.sig")), { code: "ENOENT" });
  });
});
