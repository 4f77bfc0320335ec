/** @file Does what `tenon verify` is asked. */
import { readFile } from "node:fs/promises";
import { verifyModel } from "../../ml/package/signing/index.ts";
import type { VerifyOptions } from "../commands/verify.ts";
import { withModel } from "../registry/model-directory.ts";
import { Terminal } from "../terminal.ts";

/** Verifies a model's files. @throws {CommandFailure} where it is not what was signed */
export async function verifyFolder(model: string, options: VerifyOptions): Promise<void> {
  const { files } = await withModel(model, options.trackingUri, async (folder, signal) =>
    verifyModel(folder, {
      signal,
      publicKey: await readFile(options.key, "utf8"),
      ...(options.signature === undefined ? {} : { signature: options.signature }),
    }),
  );
  new Terminal(process.stdout).line(
    `${model} is what was signed: ${files.size} ${files.size === 1 ? "file" : "files"}`,
  );
}
