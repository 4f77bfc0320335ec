/** @file Encrypted files: what was written is read, and whatever was changed is refused. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  decryptFile,
  EncryptionError,
  encryptFile,
  encryptionKeyFromEnvironment,
  generateEncryptionKey,
  readEncryptedFile,
  readEncryptionKey,
} from "../../../ml/package/encryption/index.ts";

const headerLength = 29;
const chunkLength = (1 << 20) + 16;
const key = readEncryptionKey(generateEncryptionKey());

describe("encrypted model files", () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const encrypted = async (content: Uint8Array): Promise<Buffer> => {
    await writeFile(at("plain"), content);
    await encryptFile(at("plain"), at("encrypted"), key);
    return readFile(at("encrypted"));
  };
  const refuses = async (content: Uint8Array, message: RegExp): Promise<void> => {
    await writeFile(at("changed"), content);
    await assert.rejects(decryptFile(at("changed"), at("result"), key), (error: unknown) => {
      assert.ok(error instanceof EncryptionError, String(error));
      assert.match(error.message, message);
      return true;
    });
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-encryption-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("reads what it wrote, of every length about a chunk's", async () => {
    for (const length of [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20]) {
      const content = randomBytes(length);
      const file = await encrypted(content);
      assert.equal(file.length, headerLength + length + 16 * Math.max(1, Math.ceil(length / (1 << 20))));
      assert.deepEqual(Buffer.from(await readEncryptedFile(at("encrypted"), key)), content);
      await decryptFile(at("encrypted"), at("result"), key);
      assert.deepEqual(await readFile(at("result")), content);
    }
  });

  it("gives other bytes each time", async () => {
    const content = Buffer.from("weights");
    const [first, second] = [await encrypted(content), await encrypted(content)];
    assert.notDeepEqual(first, second);
    assert.ok(!first.includes("weights"));
  });

  it("refuses a flipped bit wherever it is, and leaves nothing behind", async () => {
    const file = await encrypted(randomBytes((2 << 20) + 100));
    const places = [
      0,
      8,
      9,
      12,
      13,
      28,
      headerLength,
      headerLength + chunkLength,
      file.length - 17,
      file.length - 1,
    ];
    for (const place of places) {
      const changed = Buffer.from(file);
      changed[place] = (changed[place] ?? 0) ^ 1;
      await refuses(changed, /no file that was encrypted|version|chunks of|changed|cut off/);
    }
    assert.deepEqual((await readdir(folder)).sort(), ["changed", "encrypted", "plain"]);
  });

  it("refuses chunks that are cut off, swapped, repeated, left out or from another file", async () => {
    const file = await encrypted(randomBytes(3 << 20));
    const header = file.subarray(0, headerLength);
    const chunks = [0, 1, 2].map((number) =>
      file.subarray(headerLength + number * chunkLength, headerLength + (number + 1) * chunkLength),
    );
    const other = await encrypted(randomBytes(3 << 20));
    const together = (...order: readonly number[]): Buffer =>
      Buffer.concat([header, ...order.map((number) => chunks[number] ?? Buffer.alloc(0))]);
    await writeFile(at("whole"), together(0, 1, 2));
    await decryptFile(at("whole"), at("result"), key);
    for (const order of [[0, 1], [0], [], [1, 0, 2], [0, 0, 1, 2], [0, 2], [0, 1, 2, 2]])
      await refuses(together(...order), /changed or cut off|cut off/);
    for (const length of [0, 8, headerLength, headerLength + 5, file.length - 1])
      await refuses(file.subarray(0, length), /no file that was encrypted|cut off/);
    await refuses(Buffer.concat([file, Buffer.from([0])]), /changed or cut off/);
    await refuses(Buffer.concat([other.subarray(0, headerLength), ...chunks]), /changed or cut off/);
  });

  it("refuses other keys, and texts that are none", async () => {
    await encrypted(Buffer.from("weights"));
    const other = readEncryptionKey("ab".repeat(32));
    await assert.rejects(readEncryptedFile(at("encrypted"), other), /the key is another/);
    for (const text of ["", "secret", "ab".repeat(31), "A".repeat(44)])
      assert.throws(
        () => readEncryptionKey(text),
        (error: unknown) => {
          assert.ok(error instanceof EncryptionError);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
  });

  it("takes the key from the environment", () => {
    assert.throws(() => encryptionKeyFromEnvironment("TENON_TEST_KEY"), /TENON_TEST_KEY holds no key/);
    process.env["TENON_TEST_KEY"] = "ab".repeat(32);
    try {
      assert.equal(encryptionKeyFromEnvironment("TENON_TEST_KEY").symmetricKeySize, 32);
    } finally {
      delete process.env["TENON_TEST_KEY"];
    }
  });

  it("stops when it is told to", async () => {
    await writeFile(at("plain"), randomBytes(10));
    const signal = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(encryptFile(at("plain"), at("encrypted"), key, { signal }), /stopped/);
    assert.deepEqual(await readdir(folder), ["plain"]);
  });
});
