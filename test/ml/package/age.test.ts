/** @file Encryption by age: both ways with recipients and passphrases, age's own files, and everything that must be refused. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import {
  ageDecryption,
  ageEncryption,
  decryptFile,
  EncryptionError,
  encryptFile,
  generateAgeKeys,
  generateEncryptionKey,
  parseAgeIdentities,
  readEncryptedFile,
  readEncryptionKey,
} from "../../../ml/package/encryption/index.ts";
import { readReference } from "../reference.ts";

describe("files encrypted by age", () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const refuses = (promise: Promise<unknown>, message: RegExp): Promise<void> =>
    assert.rejects(promise, (error: unknown) => {
      assert.ok(error instanceof EncryptionError, String(error));
      assert.match(error.message, message);
      assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /AGE-SECRET-KEY-1\w|passphrase one/);
      return true;
    });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-age-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("come back for every recipient, of every length about a chunk's", async () => {
    const [one, two, other] = [await generateAgeKeys(), await generateAgeKeys(), await generateAgeKeys()];
    const encryption = ageEncryption({ recipients: [one.recipient, two.recipient] });
    for (const length of [0, 1, (1 << 16) - 1, 1 << 16, (1 << 20) + 1]) {
      const content = randomBytes(length);
      await writeFile(at("plain"), content);
      await encryptFile(at("plain"), at("encrypted"), encryption);
      assert.match((await readFile(at("encrypted"))).toString("latin1"), /^age-encryption\.org\/v1\n/);
      for (const { identity } of [one, two]) {
        const decryption = ageDecryption({ identities: [other.identity, identity] });
        await decryptFile(at("encrypted"), at("result"), decryption);
        assert.deepEqual(await readFile(at("result")), content);
      }
    }
    await refuses(
      readEncryptedFile(at("encrypted"), ageDecryption({ identities: [other.identity] })),
      /encrypted: this can't be decrypted by age/,
    );
    const aes = readEncryptionKey(generateEncryptionKey());
    await refuses(readEncryptedFile(at("encrypted"), aes), /no file that was encrypted here/);
    await encryptFile(at("plain"), at("ours"), aes);
    await refuses(
      readEncryptedFile(at("ours"), ageDecryption({ identities: [one.identity] })),
      /no age file/,
    );
  });

  it("written by age's implementation in Rust are read", async () => {
    const reference = readReference(
      "age",
      v.object({
        plain: v.string(),
        identity: v.string(),
        toRecipient: v.string(),
        passphrase: v.string(),
        byPassphrase: v.string(),
      }),
    );
    const read = async (base64: string, secrets: Parameters<typeof ageDecryption>[0]): Promise<string> => {
      await writeFile(at("theirs"), Buffer.from(base64, "base64"));
      return Buffer.from(await readEncryptedFile(at("theirs"), ageDecryption(secrets))).toString();
    };
    const { identity, passphrase, plain } = reference;
    assert.equal(await read(reference.toRecipient, { identities: [identity] }), plain);
    assert.equal(await read(reference.byPassphrase, { passphrase }), plain);
    await refuses(read(reference.byPassphrase, { passphrase: "passphrase one" }), /the key is another/);
    await refuses(read(reference.toRecipient, { passphrase }), /the key is another/);
  });

  it("that were changed or cut off are refused, and leave nothing", async () => {
    const { recipient, identity } = await generateAgeKeys();
    await writeFile(at("plain"), randomBytes(200_000));
    await encryptFile(at("plain"), at("encrypted"), ageEncryption({ recipients: [recipient] }));
    const file = await readFile(at("encrypted"));
    const decryption = ageDecryption({ identities: [identity] });
    for (const place of [0, 30, 60, 150, 250, 70_000, file.length - 1]) {
      const changed = Buffer.from(file);
      changed[place] = (changed[place] ?? 0) ^ 1;
      await writeFile(at("changed"), changed);
      await refuses(decryptFile(at("changed"), at("result"), decryption), /can't be decrypted by age/);
    }
    for (const length of [0, 10, 150, 65_536 + 216, file.length - 1]) {
      await writeFile(at("changed"), file.subarray(0, length));
      await refuses(decryptFile(at("changed"), at("result"), decryption), /can't be decrypted by age/);
    }
    assert.deepEqual((await readdir(folder)).sort(), ["changed", "encrypted", "plain"]);
    await assert.rejects(readEncryptedFile(at("none"), decryption), { code: "ENOENT" });
  });

  it("keys that are none are refused without repeating them", async () => {
    const { recipient, identity } = await generateAgeKeys();
    await writeFile(at("plain"), "x");
    const encrypt = (to: string): Promise<void> =>
      encryptFile(at("plain"), at("encrypted"), ageEncryption({ recipients: [to] }));
    await refuses(encrypt(identity), /this is an identity/);
    await refuses(encrypt("age1xyz"), /"age1xyz" is no recipient/);
    const damaged = `${identity.slice(0, -1)}${identity.endsWith("A") ? "C" : "A"}`;
    await encrypt(recipient);
    for (const wrong of [damaged, recipient, "secret", ""])
      await refuses(
        readEncryptedFile(at("encrypted"), ageDecryption({ identities: [wrong] })),
        /begins with AGE-SECRET-KEY-1, and this is none/,
      );
    assert.throws(() => ageEncryption({ recipients: [] }), EncryptionError);
    assert.throws(() => ageEncryption({ passphrase: "" }), EncryptionError);
    assert.throws(() => ageDecryption({ identities: [] }), EncryptionError);
    const file = `# created: today\n# public key: ${recipient}\n${identity}\r\n\n`;
    assert.deepEqual(parseAgeIdentities(file), [identity]);
    assert.throws(() => parseAgeIdentities("# nothing\n"), /no identity in it/);
    assert.throws(() => parseAgeIdentities(`${identity}\nsecret`), /and this is none/);
  });
});
