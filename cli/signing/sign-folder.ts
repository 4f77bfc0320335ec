/** @file Does what `tenon sign` is asked. */
import { readFile } from "node:fs/promises";
import { type KeylessOptions, type Signing, signModel } from "../../ml/package/signing/index.ts";
import type { SignOptions } from "../commands/sign.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { withRefusals } from "../refusals.ts";
import { Terminal } from "../terminal.ts";

/** Signs a folder. @throws {CommandFailure} */
export async function signFolder(model: string, options: SignOptions): Promise<void> {
  const { key, keyless = false } = options;
  if ((key !== undefined) === keyless)
    throw new CommandFailure("a model is signed either with --key or with --keyless", exitCode.usage);
  const { files } = await withRefusals(async (signal) =>
    signModel(model, {
      signal,
      ...(key === undefined ? { keyless: servicesOf(options) } : await keyIn(key)),
      ignorePaths: options.ignore,
      ...(options.signature === undefined ? {} : { signature: options.signature }),
    }),
  );
  new Terminal(process.stdout).line(
    `Signed ${files.size} ${files.size === 1 ? "file" : "files"} of ${model}`,
  );
}

async function keyIn(file: string): Promise<Signing> {
  const { TENON_SIGNING_PASSPHRASE: passphrase } = process.env;
  const privateKey = await readFile(file, "utf8");
  return { privateKey, ...(passphrase !== undefined && { passphrase }) };
}

function servicesOf({ fulcioUrl, rekorUrl, timestampUrl }: SignOptions): KeylessOptions {
  return {
    ...(fulcioUrl !== undefined && { fulcioUrl }),
    ...(rekorUrl !== undefined && { rekorUrl }),
    ...(timestampUrl !== undefined && { timestampUrl }),
  };
}
