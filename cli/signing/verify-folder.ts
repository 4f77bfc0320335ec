/** @file Does what `tenon verify` is asked. */
import { readFile } from "node:fs/promises";
import { type RequiredSigner, verifyModel } from "../../ml/package/signing/index.ts";
import type { VerifyOptions } from "../commands/verify.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { withModel } from "../registry/model-directory.ts";
import { Terminal } from "../terminal.ts";

/** Verifies a model's files, by whom is named or else as the policy demands. @throws {CommandFailure} where it is not what was signed */
export async function verifyFolder(model: string, options: VerifyOptions): Promise<void> {
  const { key, identity, issuer, signature, trackingUri } = options;
  const isByPolicy = [key, identity, issuer, signature].every((given) => given === undefined);
  const count = await withModel(model, trackingUri, async ({ directory, signal, verify }) => {
    if (!isByPolicy) {
      const where = signature === undefined ? {} : { signature };
      return (await verifyModel(directory, { signal, ...(await signerOf(options)), ...where })).files.size;
    }
    if (!verify)
      throw new CommandFailure(
        `no policy demands a signature of ${model}: who must have signed is named either by --key or by --identity and --issuer`,
        exitCode.usage,
      );
    return (await verify())[0]?.size ?? 0;
  });
  new Terminal(process.stdout).line(
    `${model} is what was signed: ${count} ${count === 1 ? "file" : "files"}`,
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
