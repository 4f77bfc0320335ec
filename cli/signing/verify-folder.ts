/** @file Does what `tenon verify` is asked. */
import { readFile } from "node:fs/promises";
import { type RequiredSigner, verifyModel } from "../../ml/package/signing/index.ts";
import type { VerifyOptions } from "../commands/verify.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { withModel } from "../registry/model-directory.ts";
import { Terminal } from "../terminal.ts";

/** Verifies a model's files. @throws {CommandFailure} where it is not what was signed */
export async function verifyFolder(model: string, options: VerifyOptions): Promise<void> {
  const { files } = await withModel(model, options.trackingUri, async (folder, signal) =>
    verifyModel(folder, {
      signal,
      ...(await signerOf(options)),
      ...(options.signature === undefined ? {} : { signature: options.signature }),
    }),
  );
  new Terminal(process.stdout).line(
    `${model} is what was signed: ${files.size} ${files.size === 1 ? "file" : "files"}`,
  );
}

async function signerOf({ key, identity, issuer, trustedRoot }: VerifyOptions): Promise<RequiredSigner> {
  if (key !== undefined && identity === undefined && issuer === undefined)
    return { publicKey: await readFile(key, "utf8") };
  if (key !== undefined || identity === undefined || issuer === undefined)
    throw new CommandFailure(
      "who must have signed is named either by --key or by --identity and --issuer",
      exitCode.usage,
    );
  return {
    identity,
    issuer,
    ...(trustedRoot !== undefined && { trustedRoot: await readFile(trustedRoot, "utf8") }),
  };
}
