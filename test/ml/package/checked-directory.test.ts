/** @file Directories that are encrypted, and directories that must be signed before they are read. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type Database, type Table } from "../../../ml/data/index.ts";
import {
  ageDecryption,
  ageEncryption,
  generateAgeKeys,
  generateEncryptionKey,
  readEncryptionKey,
} from "../../../ml/package/encryption/index.ts";
import {
  ModelPackageError,
  readModel,
  readSignature,
  verifyModel,
  writeModel,
} from "../../../ml/package/index.ts";
import { readBytes } from "../../../ml/package/read-parts.ts";
import {
  generateSigningKeys,
  SignatureError,
  signModel,
  verifyModel as verifySignature,
} from "../../../ml/package/signing/index.ts";
import type { FittedPipeline } from "../../../ml/pipeline/index.ts";
import { loanTable, statusPipeline } from "./loan-models.ts";

describe("Model directories that are encrypted or must be signed", () => {
  let scratch = "";
  let database: Database;
  let loans: Table;
  let fitted: FittedPipeline;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), "tenon-checked-"));
    database = await openDatabase();
    loans = await loanTable(database);
    fitted = await statusPipeline(loans);
  });
  after(async () => {
    database.close();
    await rm(scratch, { recursive: true, force: true });
  });

  it("are read in memory by their key, and by no other", async () => {
    const keys = await generateAgeKeys();
    const aes = readEncryptionKey(generateEncryptionKey());
    const age = ageDecryption({ identities: [keys.identity] });
    for (const [name, encryption, decryption, wrong] of [
      ["aes", aes, aes, readEncryptionKey(generateEncryptionKey())],
      ["age", ageEncryption({ recipients: [keys.recipient] }), age, ageDecryption({ passphrase: "no" })],
    ] as const) {
      const directory = join(scratch, name);
      await writeModel(directory, fitted, { rows: loans.limit(5), encryption });
      const names = (await readdir(directory, { recursive: true })).sort();
      await using model = await readModel(directory, { decryption });
      assert.equal((await verifyModel(model)).passed, true);
      assert.deepEqual((await readdir(directory, { recursive: true })).sort(), names, "nothing was written");
      const texts = await Promise.all(
        names
          .filter((each) => /\.\w+$|MLmodel/.test(each) && each !== "README.md")
          .map(async (each) => readFile(join(directory, each), "latin1")),
      );
      assert.ok(
        texts.every((text) => !text.includes("pilot")),
        "a category of the pipeline",
      );
      assert.equal((await readSignature(directory)).inputs.length, model.signature.inputs.length);
      const refused = async (options: Parameters<typeof readModel>[1], message: RegExp): Promise<void> =>
        assert.rejects(readModel(directory, options), (error: unknown) => {
          assert.ok(error instanceof ModelPackageError, String(error));
          assert.match(error.message, message);
          return true;
        });
      await refused({}, /it is encrypted by (?:age|aes-256-gcm): give what decrypts it/);
      await refused({ decryption: wrong }, /pipeline\.json\.(?:age|enc): .*the key is another/);
      await refused({ decryption: name === "aes" ? age : aes }, /and what was given decrypts/);
      const text = await readFile(join(directory, "MLmodel"), "utf8");
      assert.doesNotMatch(text, /python_function/);
      await writeFile(join(directory, "MLmodel"), text.replace(/ +encryption: .*\n/, ""));
      await refused({ decryption }, /pipeline\.json/);
    }
  });

  it("are refused before anything is read, unless they are signed as asked", async () => {
    const { privateKey, publicKey } = generateSigningKeys();
    const directory = join(scratch, "signed");
    await writeModel(directory, fitted, { rows: loans.limit(5) });
    const verify = { publicKey };
    const refused = async (at: string, message: RegExp): Promise<void> =>
      assert.rejects(readModel(at, { verify }), (error: unknown) => {
        assert.ok(error instanceof SignatureError, String(error));
        assert.match(error.message, message);
        return true;
      });
    await refused(directory, /is not signed, and must be to be read/);
    await signModel(directory, { privateKey: generateSigningKeys().privateKey });
    await refused(directory, /by another key/);
    await signModel(directory, { privateKey });
    await (await readModel(directory, { verify })).close();
    for (const [name, change] of [
      // What would be an error of its own if it were looked at.
      ["MLmodel", (path: string) => writeFile(path, "not: [yaml")],
      ["model.onnx", (path: string) => writeFile(path, "")],
      ["tenon/more.json", (path: string) => writeFile(path, "")],
      ["code/tenon_model_v1.py", (path: string) => rm(path)],
    ] as const) {
      const copy = join(scratch, name.replaceAll("/", "-"));
      await cp(directory, copy, { recursive: true });
      await change(join(copy, name));
      await refused(copy, /is not the model that was signed/);
    }
  });

  it("are refused where a file changes after it was verified, or was left out of the signature", async () => {
    const { privateKey, publicKey } = generateSigningKeys();
    const directory = join(scratch, "changing");
    await writeModel(directory, fitted, { rows: loans.limit(5) });
    await signModel(directory, { privateKey });
    const { files: signed } = await verifySignature(directory, { publicKey });
    const read = async (): Promise<string> =>
      readBytes(directory, "model.onnx", 1e9, (bytes) => createHash("sha256").update(bytes).digest("hex"), {
        signed: [signed],
      });
    assert.equal(await read(), signed.get("model.onnx"));
    const bytes = await readFile(join(directory, "model.onnx"));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(join(directory, "model.onnx"), bytes);
    await assert.rejects(read(), /model\.onnx: it is not what was signed: it changed after it was verified/);
    await signModel(directory, { privateKey, ignorePaths: ["model.onnx"] });
    await assert.rejects(
      readModel(directory, { verify: { publicKey } }),
      /model\.onnx: it is not what was signed/,
    );
  });

  it("are signed as they are encrypted", async () => {
    const { privateKey, publicKey } = generateSigningKeys();
    const key = readEncryptionKey(generateEncryptionKey());
    const directory = join(scratch, "both");
    await writeModel(directory, fitted, { rows: loans.limit(5), encryption: key });
    await signModel(directory, { privateKey });
    await using model = await readModel(directory, { verify: { publicKey }, decryption: key });
    assert.equal((await verifyModel(model)).passed, true);
  });
});
