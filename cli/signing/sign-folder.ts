/** @file Does what `tenon sign` is asked. */
import { readFile } from "node:fs/promises";
import { signModel } from "../../ml/package/signing/index.ts";
import type { SignOptions } from "../commands/sign.ts";
import { withRefusals } from "../refusals.ts";
import { Terminal } from "../terminal.ts";

/** Signs a folder. @throws {CommandFailure} */
export async function signFolder(model: string, options: SignOptions): Promise<void> {
  const { TENON_SIGNING_PASSPHRASE: passphrase } = process.env;
  const { files } = await withRefusals(async (signal) =>
    signModel(model, {
      signal,
      privateKey: await readFile(options.key, "utf8"),
      ignorePaths: options.ignore,
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(options.signature === undefined ? {} : { signature: options.signature }),
    }),
  );
  new Terminal(process.stdout).line(
    `Signed ${files.size} ${files.size === 1 ? "file" : "files"} of ${model}`,
  );
}
