/** @file Does what `tenon encrypt` and `tenon decrypt` are asked. */
import { resolve } from "node:path";
import { decryptFile, encryptFile } from "../../ml/package/encryption/index.ts";
import type { DecryptOptions, EncryptOptions } from "../commands/encrypt.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { withRefusals } from "../refusals.ts";
import { sayWritten } from "../share/shared-file.ts";
import { namedDecryption, namedEncryption } from "./named-keys.ts";

/** Encrypts a file. @throws {CommandFailure} */
export async function encryptOne(file: string, options: EncryptOptions): Promise<void> {
  requireOther(file, options.out);
  await withRefusals(async (signal) => {
    const encryption = await namedEncryption(options, signal);
    if (encryption === undefined) throw noKey("--recipient");
    await encryptFile(file, options.out, encryption, { signal });
  });
  sayWritten(resolve(options.out));
}

/** Decrypts a file. @throws {CommandFailure} */
export async function decryptOne(file: string, options: DecryptOptions): Promise<void> {
  requireOther(file, options.out);
  await withRefusals(async (signal) => {
    const decryption = await namedDecryption(options, signal);
    if (decryption === undefined) throw noKey("--identity");
    await decryptFile(file, options.out, decryption, { signal });
  });
  sayWritten(resolve(options.out));
}

function requireOther(file: string, out: string): void {
  if (resolve(file) === resolve(out))
    throw new CommandFailure("--out names the file that is read", exitCode.usage);
}

function noKey(option: string): CommandFailure {
  return new CommandFailure(
    `no key is named: give ${option}, --passphrase-env, --key-env or --key-command`,
    exitCode.usage,
  );
}
