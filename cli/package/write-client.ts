/** @file Does what `tenon client` is asked. */
import { resolve } from "node:path";
import { replaceFile } from "../../jupyter/notebook-file.ts";
import { clientSource } from "../../ml/package/client-source.ts";
import { readSignature } from "../../ml/package/read-parts.ts";
import type { ClientOptions } from "../commands/package.ts";
import { CommandFailure, describeFileError, exitCode } from "../failure.ts";
import { withSignature } from "../registry/model-directory.ts";
import { sayWritten } from "../share/shared-file.ts";
import { Terminal } from "../terminal.ts";

/** Writes or prints the client of a model. @throws {CommandFailure} */
export async function writeClient(model: string, { out, trackingUri }: ClientOptions): Promise<void> {
  if (out !== undefined && !/\.m?ts$/i.test(out))
    throw new CommandFailure(`--out ${out}: a client is TypeScript, a .ts file`, exitCode.usage);
  const text = await withSignature(model, trackingUri, async (directory, checks) =>
    clientSource(await readSignature(directory, checks)),
  );
  if (out === undefined) {
    new Terminal(process.stdout).write(text);
    return;
  }
  try {
    await replaceFile(resolve(out), text);
  } catch (cause) {
    throw new CommandFailure(`cannot write ${describeFileError(cause, out)}`, undefined, { cause });
  }
  sayWritten(resolve(out));
}
