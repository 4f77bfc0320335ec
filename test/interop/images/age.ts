/** @file rage, age's implementation in Rust, beside ours: each reads what the other encrypted. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ageDecryption,
  ageEncryption,
  encryptFile,
  generateAgeKeys,
  readEncryptedFile,
} from "../../../ml/package/encryption/index.ts";
import type { PythonEnvironment } from "../../support/python-environment.ts";
import { runCommand } from "../../support/run-command.ts";
import type { Checks } from "../interop-suite.ts";

/** Checks encryption both ways. */
export async function checkAge(
  checks: Checks,
  folder: string,
  { python, env }: PythonEnvironment,
): Promise<void> {
  const [plain, ours, theirs, result] = ["plain", "ours.age", "theirs.age", "result"].map((name) =>
    join(folder, name),
  );
  assert.ok(plain !== undefined && ours !== undefined && theirs !== undefined && result !== undefined);
  const content = Buffer.alloc(300_001, "tenon");
  await writeFile(plain, content);
  const { identity, recipient } = await generateAgeKeys();
  const script = async (code: string, ...args: readonly string[]): Promise<void> => {
    await runCommand(python, ["-c", `import sys, pyrage\n${code}`, ...args], { env, timeout: 60_000 });
  };
  const files =
    "from pathlib import Path\nsource, target, secret = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]\n";
  const passphrase = "correct horse battery staple";

  await checks.check("rage reads what we encrypt to a recipient", async () => {
    await encryptFile(plain, ours, ageEncryption({ recipients: [recipient] }));
    const decrypt =
      "target.write_bytes(pyrage.decrypt(source.read_bytes(), [pyrage.x25519.Identity.from_str(secret)]))";
    await script(files + decrypt, ours, result, identity);
    assert.ok((await readFile(result)).equals(content));
  });
  await checks.check("we read what rage encrypts to a recipient", async () => {
    const encrypt =
      "target.write_bytes(pyrage.encrypt(source.read_bytes(), [pyrage.x25519.Recipient.from_str(secret)]))";
    await script(files + encrypt, plain, theirs, recipient);
    assert.ok(content.equals(await readEncryptedFile(theirs, ageDecryption({ identities: [identity] }))));
  });
  await checks.check("passphrases, both ways", async () => {
    await encryptFile(plain, ours, ageEncryption({ passphrase }));
    const decrypt = "target.write_bytes(pyrage.passphrase.decrypt(source.read_bytes(), secret))";
    await script(files + decrypt, ours, result, passphrase);
    assert.ok((await readFile(result)).equals(content));
    const encrypt = "target.write_bytes(pyrage.passphrase.encrypt(source.read_bytes(), secret))";
    await script(files + encrypt, plain, theirs, passphrase);
    assert.ok(content.equals(await readEncryptedFile(theirs, ageDecryption({ passphrase }))));
  });
}
